import type { Builder } from '../peers/builder.ts';
import type { Bench, Shape } from '../shapes/shape.ts';
import { measureOthers } from './measure-others.ts';
import type { Run, ShapeResult } from './results.ts';
import { sync } from './sync.ts';

/**
 * Runs a shape `pairs` times with every builder, and who goes first changes from round to round. Before each run the
 * disk is let finish what earlier runs wrote. A builder that is to be cold and did not download its base is a fault of
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
  // The first build of a warm shape fills the caches; of a cold one, the page cache with the files of the input.
  for (const builder of takePart) await runOnce(shape, bench, { builder, run: count++ });
  const runs: Run[] = [];
  for (let pair = 0; pair < pairs; pair++) {
    const turn = pair % takePart.length;
    for (const builder of [...takePart.slice(turn), ...takePart.slice(0, turn)]) {
      const run = await runOnce(shape, bench, { builder, run: count++ });
      console.log(`bench:   ${builder.name.padEnd(12)} ${run.seconds.toFixed(2)} s`);
      runs.push(run);
    }
  }
  return { date, runs, titles: Object.fromEntries(takePart.map(({ name, title }) => [name, title])) };
}

async function runOnce(
  shape: Shape,
  bench: Bench,
  { builder, run }: { readonly builder: Builder; readonly run: number },
): Promise<Run> {
  if (shape.cold) await builder.forget();
  await shape.before?.(bench, run);
  const request = shape.request(bench, builder, run);
  await sync();
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
