import { runProgram } from '@onebuild/testkit';
import type { Builder } from '../peers/builder.ts';
import type { Bench, Shape } from '../shapes/shape.ts';
import { measureOthers } from './measure-others.ts';
import type { Run, ShapeResult } from './results.ts';

/** Builders that no target is about are slow to wait for, so they run in the first rounds only. */
const orientation = { names: ['buildah', 'buildx-host'], rounds: 2 };

/**
 * Runs a shape `pairs` times with every builder, and who goes first changes from round to round. Before each run the
 * disk is let finish what earlier runs wrote. Warm shapes are built once before, cold ones have their files read once,
 * so that they are in the page cache for everyone. A builder that is to be cold and did not download its base is a fault of
 * this bench, and ends it.
 */
export async function runShape(
  shape: Shape,
  bench: Bench,
  { builders, pairs }: { readonly builders: readonly Builder[]; readonly pairs: number },
): Promise<ShapeResult> {
  const takePart = builders.filter(({ name }) => name === 'onebuild' || shape.peers.includes(name));
  console.log(`bench: ${shape.name}`);
  await shape.prepare?.(bench);
  const date = new Date().toISOString();
  let count = 0;
  for (const builder of takePart) {
    if (shape.cold) await readFiles(shape.request(bench, builder, count).context);
    else await runOnce(shape, bench, { builder, run: count++ });
  }
  const runs: Run[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const round = takePart.filter(
      ({ name }) => pair < orientation.rounds || !orientation.names.includes(name),
    );
    const turn = pair % round.length;
    for (const builder of [...round.slice(turn), ...round.slice(0, turn)]) {
      const run = await runOnce(shape, bench, { builder, run: count++ });
      console.log(`bench:   ${builder.name.padEnd(12)} ${run.seconds.toFixed(2)} s`);
      runs.push(run);
    }
  }
  return { date, runs, titles: Object.fromEntries(takePart.map(({ name, title }) => [name, title])) };
}

async function readFiles(folder: string): Promise<void> {
  await runProgram(['sh', '-c', 'exec find "$1" -type f -exec cat {} + >/dev/null', 'read', folder]);
}

async function runOnce(
  shape: Shape,
  bench: Bench,
  { builder, run }: { readonly builder: Builder; readonly run: number },
): Promise<Run> {
  if (shape.cold) await builder.forget();
  await shape.before?.(bench, run);
  const request = shape.request(bench, builder, run);
  await runProgram(['sync']);
  if (shape.pulls !== undefined) bench.registry.countPulls(shape.pulls);
  const others = await measureOthers();
  const start = performance.now();
  await builder.build(request);
  const seconds = (performance.now() - start) / 1000;
  if (shape.pulls !== undefined && bench.registry.countPulls(shape.pulls) === 0) {
    throw new Error(`${shape.name}: ${builder.name} was not cold, it had ${shape.pulls} already`);
  }
  const size = request.push === false ? 0 : await bench.registry.sizeOf(request.name);
  return { builder: builder.name, seconds, others, size };
}
