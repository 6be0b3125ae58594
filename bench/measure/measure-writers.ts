import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder, BuilderPlace, BuildRequest } from '../peers/builder.ts';
import { createOneBuild } from '../peers/onebuild.ts';
import { pushBusybox } from '../shapes/push-base.ts';
import type { Bench } from '../shapes/shape.ts';
import type { WritersRun } from './results.ts';

const writers = 8;

/** Each branch has random bytes of its own: whoever runs the step again gets another layer. */
const dockerfile = (base: string) =>
  `FROM ${base}\nARG BRANCH\nRUN echo $BRANCH && head -c 5000000 /dev/urandom >/data\n`;

/**
 * Builds of eight branches that write one cache at once; then fresh builders that look for each of the eight there. OneBuild's have a store of
 * their own each, buildx' share an engine.
 */
export async function measureWriters(
  bench: Bench,
  { place, builders }: { readonly place: BuilderPlace; readonly builders: readonly Builder[] },
): Promise<readonly WritersRun[]> {
  console.log('bench: eight-writers');
  await pushBusybox(bench);
  const context = join(bench.run, 'eight-writers');
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'Dockerfile'), dockerfile(`${bench.registry.host}/base/busybox:1`));
  const runs: WritersRun[] = [];
  for (const builder of builders.filter(({ name }) => name === 'onebuild' || name === 'buildx')) {
    const request = (at: number): BuildRequest => ({
      context,
      name: `eight-writers/${builder.name}-${at}:1`,
      args: { BRANCH: `${at}` },
      pushOnly: true,
    });
    const cache = `eight-writers/${builder.name}-cache:cache`;
    const all = Array.from({ length: writers }, (_, at) => at);
    await builder.forget();
    const start = performance.now();
    await Promise.all(
      all.map(async (at) => {
        const own =
          builder.name === 'onebuild'
            ? createOneBuild({ ...place, run: join(place.run, `writer-${at}`) })
            : builder;
        await own.build({ ...request(at), cacheTo: cache });
      }),
    );
    const seconds = (performance.now() - start) / 1000;
    let found = 0;
    for (const at of all) {
      const { name } = request(at);
      const before = await bench.registry.layersOf(name);
      await builder.forget();
      await builder.build({ ...request(at), cacheFrom: cache });
      const after = await bench.registry.layersOf(name);
      if (before.every(({ digest }, position) => digest === after[position]?.digest)) found++;
    }
    console.log(`bench:   ${builder.name.padEnd(12)} ${seconds.toFixed(2)} s, ${found} of ${writers} found`);
    runs.push({ builder: builder.name, title: builder.title, writers, seconds, found });
  }
  return runs;
}
