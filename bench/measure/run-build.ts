import { runProgram } from '@onebuild/testkit';
import type { BoxesRequest, Builder, BuildRequest } from '../peers/builder.ts';
import type { Bench } from '../shapes/shape.ts';
import { measureOthers } from './measure-others.ts';
import type { Run } from './results.ts';

/** Runs one build on the clock, after the disk has finished what earlier runs wrote. */
export async function runBuild(
  bench: Bench,
  builder: Builder,
  request: BuildRequest | BoxesRequest,
): Promise<Run> {
  await runProgram(['sync']);
  const others = await measureOthers();
  const before = await bench.counter.read();
  const start = performance.now();
  if ('boxes' in request) await builder.buildBoxes(request);
  else await builder.build(request);
  const seconds = (performance.now() - start) / 1000;
  const sent = (await bench.counter.read()) - before;
  const pushed = ('boxes' in request ? request.boxes : [request]).filter(({ push }) => push !== false);
  let size = 0;
  for (const { name } of pushed) size += await bench.registry.sizeOf(name);
  return { builder: builder.name, seconds, others, size, sent };
}
