import assert from 'node:assert/strict';
import { assertTagsWhole, startOneBuildRegistry } from '@onebuild/testkit';
import { startCommand, succeed } from '../start-command.ts';
import { assertInOrder, assertSound } from './assert-sound.ts';
import { killAt } from './kill-at.ts';
import { choose, type Moment, victims } from './moment.ts';
import type { Outcome } from './outcome.ts';
import type { World } from './world.ts';

const states = ['all is built', 'nothing is built'] as const;

/** A build that pushes two tags into a registry that has nothing is killed. */
export async function disturbPush(world: World, { random }: Moment): Promise<Outcome> {
  const state = choose(random, states);
  const project = choose(random, world.projects);
  const victim = choose(random, victims);
  const open = async () => {
    const home = state === 'all is built' ? await world.usedHome() : world.bench.home();
    if (state === 'all is built') await world.build(home, project);
    return home;
  };
  await using registry = await startOneBuildRegistry();
  const argsFor = (host: string) => {
    const names = ['-t', `${host}/pushed:a`, '-t', `${host}/pushed:b`];
    return ['build', '--progress=plain', '--push', ...names, project.context];
  };
  const rehearse = async () => {
    const home = await open();
    await using other = await startOneBuildRegistry();
    return await world.duration(`push, ${state}`, () =>
      succeed(argsFor(other.host), { home, env: world.env }),
    );
  };
  const whole = await rehearse();
  const home = await open();
  const ms = random() * whole;
  const push = startCommand(argsFor(registry.host), { home, env: world.env, ownGroup: true });
  const { what, ended } = await killAt(push, victim, { ms, random });
  if (victim === 'child') assertInOrder(ended);
  const names = { 'pushed:a': project.digest, 'pushed:b': project.digest };
  for (const [name, digest] of Object.entries(await assertTagsWhole(registry.url))) {
    assert.equal(digest, names[name as keyof typeof names], `${name} after the kill`);
  }
  await succeed(argsFor(registry.host), { home, env: world.env });
  assert.deepEqual(await assertTagsWhole(registry.url), names);
  await assertSound(world, home, { project, hit: what, verify: random() < 0.3 });
  return { name: `push, ${state}`, what, at: ms, whole, unit: 'ms' };
}
