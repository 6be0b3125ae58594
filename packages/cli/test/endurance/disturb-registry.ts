import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertTagsWhole } from '@onebuild/testkit';
import { startCommand, succeed } from '../start-command.ts';
import { assertInOrder, assertNothingRuns } from './assert-sound.ts';
import { killAt } from './kill-at.ts';
import type { Moment } from './moment.ts';
import type { Outcome } from './outcome.ts';
import { startRegistryProcess } from './registry-process.ts';
import type { Project, World } from './world.ts';

let count = 0;

const pushCount = 3;

/** The registry is killed while three builds push into it, and comes back; later its own collection is killed, too. */
export async function disturbRegistry(world: World, { random }: Moment): Promise<Outcome> {
  const name = 'three pushes, registry';
  const home = await world.usedHome();
  for (const each of world.projects) await world.build(home, each);
  const whole = await world.duration(name, async () => {
    const root = join(world.bench.scratch, `registry-${count++}`);
    const registry = await startRegistryProcess(world, { root });
    for (const { ended } of pushAll(world, home, registry.host)) await ended;
    await registry.kill();
  });
  const root = join(world.bench.scratch, `registry-${count++}`);
  let registry = await startRegistryProcess(world, { root });
  try {
    const ms = random() * whole;
    const pushes = pushAll(world, home, registry.host);
    await sleep(ms);
    await registry.kill();
    await sleep(random() * 300);
    registry = await startRegistryProcess(world, { root, port: registry.port });
    await assertOwnTags(world, registry.url);
    for (const { ended } of pushes) assertInOrder(await ended);
    await assertOwnTags(world, registry.url);
    for (const { ended } of pushAll(world, home, registry.host)) {
      const { code, stderr } = await ended;
      assert.equal(code, 0, stderr);
    }
    assert.equal(await assertOwnTags(world, registry.url), 2 * pushCount);
    await killCollection(world, { root, random });
    await registry.kill();
    registry = await startRegistryProcess(world, { root, port: registry.port });
    assert.equal(await assertOwnTags(world, registry.url), 2 * pushCount);
    await assertNothingRuns(world, home);
    return { name, what: 'the registry', at: ms, whole, unit: 'ms' };
  } finally {
    await registry.kill();
    rmSync(root, { recursive: true, force: true });
  }
}

function repositoriesOf({ projects }: World): readonly Project[] {
  return Array.from({ length: pushCount }, (_, at) => {
    const project = projects[at % projects.length] ?? projects[0];
    return { ...project, name: `${project.name}-${at}` };
  });
}

/** Three repositories, whatever the number of projects. */
function pushAll(world: World, home: string, host: string) {
  return repositoriesOf(world).map(({ name, context }) => {
    const names = ['a', 'b'].flatMap((tag) => ['-t', `${host}/${name}:${tag}`]);
    return startCommand(['build', '--progress=plain', '--push', ...names, context], { home, env: world.env });
  });
}

/** Tags are whole, and of the project whose name they bear. Gives their number. */
async function assertOwnTags(world: World, url: string): Promise<number> {
  const tags = Object.entries(await assertTagsWhole(url));
  for (const [name, digest] of tags) {
    assert.equal(
      digest,
      repositoriesOf(world).find((repository) => name.startsWith(`${repository.name}:`))?.digest,
      name,
    );
  }
  return tags.length;
}

async function killCollection(
  world: World,
  { root, random }: { readonly root: string; readonly random: () => number },
): Promise<void> {
  const args = ['registry', 'gc', '--untagged', '--keep-hours=0', '--root', root];
  const options = { home: join(world.bench.scratch, 'registry-home') };
  const whole = await world.duration('registry gc', () => succeed(args, options));
  await killAt(startCommand(args, options), 'process', { ms: random() * whole, random });
}
