import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BuildEvent } from '@onebuild/core';
import {
  type RegistryService,
  requireBusybox,
  requireProgram,
  startDockerRegistry,
  startOneBuildRegistry,
} from '@onebuild/testkit';
import { startGate } from './gate.ts';
import { type Ended, runCommand, startCommand } from './start-command.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

const branches = Array.from({ length: 8 }, (_, at) => `branch-${at}`);
const killed = 3;
/** The same seed kills at the same requests: `ONEBUILD_SEED=7 node --test ...`. */
const seed = Number(process.env['ONEBUILD_SEED'] ?? Date.now() % 100_000);

/** Numbers from 0 to 1, the same for one seed (mulberry32). */
function randomFrom(start: number): () => number {
  let state = start;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Built {
  readonly ok: boolean;
  readonly warnings: readonly string[];
  /** RUN steps by how they ended. */
  readonly steps: Readonly<Record<'done' | 'cached', readonly string[]>>;
  /** Digests of the images, by target. */
  readonly images: ReadonlySet<string>;
}

function eventsOf({ stdout }: Ended): Built {
  const lines = stdout.split('\n').filter((line) => line.endsWith('}'));
  const events = lines.map((line) => JSON.parse(line) as BuildEvent);
  const names = new Map<string, string>();
  const steps = { done: [] as string[], cached: [] as string[] };
  const warnings: string[] = [];
  const images = new Set<string>();
  let ok = false;
  for (const event of events) {
    if (event.type === 'step.started') names.set(event.step, event.name);
    if (event.type === 'warning') warnings.push(`${event.rule}: ${event.message}`);
    if (event.type === 'image.built') images.add(event.image.digest);
    if (event.type === 'build.finished') ok = event.ok;
    if (event.type !== 'step.finished') continue;
    const name = names.get(event.step) ?? '';
    if (name.startsWith('RUN') && (event.status === 'done' || event.status === 'cached'))
      steps[event.status].push(name);
  }
  return { ok, warnings, steps, images };
}

describe('eight builds of eight branches write one cache at once, three are killed', {
  timeout: 180_000,
}, () => {
  let bench: Workbench;

  before(async () => {
    bench = await openWorkbench();
  });
  after(() => bench.close());

  const dockerfile = (branch: string) =>
    [
      `FROM ${bench.base} AS shared`,
      'RUN seq 20000 > /shared',
      'FROM shared AS made',
      'COPY source /source',
      `RUN --mount=type=cache,target=/m cp /source /m/${branch} && cat /source /shared > /made`,
      'FROM shared',
      'COPY --from=made /made /made',
      'RUN wc -l < /made > /lines && cat /made | sha256sum > /sum',
      '',
    ].join('\n');

  /** A folder with all branches, and a bake file that builds them. */
  function project(cache: string): string {
    const cwd = bench.context({});
    const target = branches.map((name) => [name, { context: name, 'cache-from': [cache] }] as const);
    writeFileSync(join(cwd, 'docker-bake.json'), JSON.stringify({ target: Object.fromEntries(target) }));
    for (const name of branches) {
      mkdirSync(join(cwd, name));
      writeFileSync(join(cwd, name, 'Dockerfile'), dockerfile(name));
      writeFileSync(join(cwd, name, 'source'), `source of ${name}\n`);
    }
    return cwd;
  }

  /** Builds a branch with the cache at this host; killed at its `killAt`th request that writes. */
  async function write(cwd: string, host: string, killAt: number | undefined): Promise<Built> {
    const gate = await startGate(`http://${host}`);
    const ref = `${gate.host}/app:onebuild-cache`;
    const caches = [
      `--cache-from=type=registry,ref=${ref}`,
      `--cache-to=type=registry,ref=${ref},mode=max,mounts=true,ignore-error=false`,
    ];
    const build = startCommand(['build', '--progress=json', ...caches, '.'], { home: bench.home(), cwd });
    let writes = 0;
    void gate.hold((method) => {
      if (method !== 'GET' && method !== 'HEAD' && ++writes === killAt) build.child.kill('SIGKILL');
      return undefined;
    });
    try {
      return eventsOf(await build.ended);
    } finally {
      await gate.close();
    }
  }

  async function round(registry: RegistryService, random: () => number): Promise<void> {
    const ref = `${registry.host}/app:onebuild-cache`;
    const cwd = project(`type=registry,ref=${ref}`);
    const writing = branches.map(async (name, at): Promise<[string, Built]> => {
      const killAt = at < killed ? 1 + Math.floor(random() * 16) : undefined;
      await sleep(random() * 1500);
      return [name, await write(join(cwd, name), registry.host, killAt)];
    });
    const built = await Promise.all(writing);
    const finished = built.filter(([, { ok }]) => ok);
    assert.ok(finished.length >= branches.length - killed);
    for (const [name, { warnings }] of finished) assert.deepEqual([name, warnings], [name, []]);

    const home = bench.home();
    const verified = await runCommand(['cache', 'verify', ref], { home, cwd });
    assert.equal(verified.code, 0, verified.stdout + verified.stderr);
    const names = finished.map(([name]) => name);
    const all = await runCommand(['build', '--progress=json', ...names], { home, cwd });
    const { ok, warnings, steps, images } = eventsOf(all);
    assert.ok(ok, all.stderr);
    assert.deepEqual(warnings, []);
    assert.deepEqual(steps.done, []);
    assert.deepEqual(images, new Set(finished.flatMap(([, one]) => [...one.images])));
    assert.equal(images.size, finished.length);
  }

  const registries: Readonly<Record<string, () => Promise<RegistryService>>> = {
    'our own registry': () => startOneBuildRegistry(),
    'docker-registry': () => startDockerRegistry(),
    'docker-registry that deletes nothing': () => startDockerRegistry({ deletes: false }),
  };
  for (const [at, [name, start]] of Object.entries(registries).entries()) {
    it(name, async (t) => {
      if (!requireBusybox(t) || !requireProgram(t, 'crun', 'apt-get install crun')) return;
      if (at > 0 && !requireProgram(t, 'docker-registry', 'apt-get install docker-registry')) return;
      t.diagnostic(`ONEBUILD_SEED=${seed}`);
      await using registry = await start();
      await round(registry, randomFrom(seed + at));
    });
  }
});
