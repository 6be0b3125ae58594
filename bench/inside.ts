import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '@onebuild/testkit';
import { countSent } from './measure/count-sent.ts';
import { describeMachine } from './measure/describe-machine.ts';
import { measureBoxes } from './measure/measure-boxes.ts';
import { measureCacheMount } from './measure/measure-cache-mount.ts';
import { measureGrowth } from './measure/measure-growth.ts';
import { measureLimits } from './measure/measure-limits.ts';
import { measureMemory } from './measure/measure-memory.ts';
import { measureStartUp } from './measure/measure-start-up.ts';
import { measureWriters } from './measure/measure-writers.ts';
import { saveResults } from './measure/results.ts';
import { runShape } from './measure/run-shape.ts';
import type { Options } from './options.ts';
import { createBuildah } from './peers/buildah.ts';
import type { Builder, BuilderPlace } from './peers/builder.ts';
import { createBuildx } from './peers/buildx.ts';
import { startEngineRoot } from './peers/engine-root.ts';
import { createLoop } from './peers/loop.ts';
import { createOneBuild } from './peers/onebuild.ts';
import { startRegistry } from './peers/start-registry.ts';
import { shapes } from './shapes/shapes.ts';

/** The measurements, in namespaces of their own; run.ts starts this file. The one argument is the options, as JSON. */
async function measure({ names, pairs, peers, work, keep }: Options): Promise<void> {
  const top = fileURLToPath(new URL('..', import.meta.url));
  const run = join(work, 'run');
  await mountDisk(work, run);
  await runProgram(['ip', 'link', 'set', 'lo', 'up']);

  const registry = await startRegistry(run);
  const place: BuilderPlace = { registry: registry.host, top, work, run };
  const engine = await startEngineRoot(place);
  const builders: Builder[] = [createOneBuild(place)];
  if (peers.includes('buildx')) {
    const buildx = await createBuildx(place, engine);
    builders.push(buildx, await createBuildx(place, engine, 'host'), createLoop(place, engine, buildx));
  }
  if (peers.includes('buildah')) builders.push(await createBuildah(place, engine));
  // Bases come out of a store of their own, so that no measured builder has seen them.
  const maker = createOneBuild({ ...place, run: join(run, 'bases') });

  saveResults(work, { machine: await describeMachine(top) });
  const counter = await countSent(engine, registry.host);
  const bench = { work, run, registry, counter, onebuild: maker };
  for (const shape of shapes.filter(({ name }) => names.includes(name))) {
    try {
      const result = await runShape(shape, bench, { builders, pairs });
      saveResults(work, { shapes: { [shape.name]: result } });
    } catch (error) {
      console.error(`bench: ${shape.name} failed, its earlier results stay: ${messageOf(error)}`);
      process.exitCode = 1;
    }
    for (const builder of builders) await builder.forget();
  }
  if (names.includes('hundred-boxes')) saveResults(work, { boxes: await measureBoxes(bench, builders) });
  if (names.includes('cache-mount')) saveResults(work, { mounts: await measureCacheMount(bench, place) });
  if (names.includes('eight-writers')) {
    saveResults(work, { writers: await measureWriters(bench, { place, builders }) });
  }
  if (names.includes('start-up')) {
    const peer = () => engine.run(['docker', 'buildx', 'version']);
    saveResults(work, { startUp: await measureStartUp(top, { peer, rounds: 4 * pairs }) });
  }
  if (names.includes('limits')) saveResults(work, { limits: await measureLimits(work, run) });
  if (names.includes('memory')) saveResults(work, { memory: await measureMemory(place) });
  if (names.includes('growth')) saveResults(work, { growth: await measureGrowth(place) });

  await engine.stop();
  await registry.daemon.stop();
  if (!keep) rmSync(join(work, disk));
  else console.log(`bench: everything is in ${join(work, disk)}; mount it with -o loop`);
}

const disk = 'disk.ext4';

/**
 * A new file system for everything that is written, so that neither earlier runs nor others on the machine leave traces
 * in it. It is a file with holes, and its mount goes with the namespace.
 */
async function mountDisk(work: string, run: string): Promise<void> {
  const image = join(work, disk);
  rmSync(image, { force: true });
  mkdirSync(run, { recursive: true });
  await runProgram(['truncate', '--size=64G', image]);
  await runProgram(['mkfs.ext4', '-q', '-F', image]);
  await runProgram(['mount', '-o', 'loop,noinit_itable', image, run]);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

try {
  await measure(JSON.parse(process.argv[2] ?? '{}') as Options);
} catch (error) {
  console.error(`bench: ${messageOf(error)}`);
  process.exitCode = 1;
}
// Daemons that a failure left running end with this process, the first of its namespace.
process.exit();
