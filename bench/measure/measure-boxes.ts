import type { Builder } from '../peers/builder.ts';
import { prepareBoxes, requestBoxes } from '../shapes/boxes.ts';
import type { Bench } from '../shapes/shape.ts';
import type { BoxesGrowth, BoxesRun } from './results.ts';
import { runBuild } from './run-build.ts';

const counts = [1, 10, 25, 50, 100];

/** Runs of each count: ours, as they are quick; one of others. */
const rounds = { ours: 3, others: 1 };

/** Cold builds of more and more boxes that share all but a base and a name. */
export async function measureBoxes(bench: Bench, builders: readonly Builder[]): Promise<BoxesGrowth> {
  console.log('bench: hundred-boxes');
  const takePart = builders.filter(({ name }) => name === 'onebuild' || name === 'buildx');
  const date = new Date().toISOString();
  const runs: BoxesRun[] = [];
  for (const count of counts) {
    const context = await prepareBoxes(bench, `boxes-${count}`, count);
    for (let round = 0; round < rounds.ours; round++) {
      for (const builder of takePart) {
        if (builder.name !== 'onebuild' && round >= rounds.others) continue;
        await builder.forget();
        const images = `boxes-${count}/${builder.name}-${round}`;
        const run = await runBuild(bench, builder, requestBoxes(bench, context, { images, count }));
        const sent = ((run.sent ?? 0) / 1e6).toFixed(2);
        console.log(
          `bench:   ${builder.name.padEnd(12)} ${count} ${run.seconds.toFixed(2)} s, ${sent} MB sent`,
        );
        runs.push({ ...run, count });
      }
    }
  }
  return { date, runs, titles: Object.fromEntries(takePart.map(({ name, title }) => [name, title])) };
}
