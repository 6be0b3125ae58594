import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BuilderPlace } from '../peers/builder.ts';
import { runMeasured } from './measure-memory.ts';
import type { Growth, GrowthPoint, MemoryRun } from './results.ts';

/** Runs of each row. */
const rounds = 3;

interface Series {
  readonly counts: readonly number[];
  /** Fills the context and gives the Dockerfile. */
  fill(context: string, count: number): string;
}

const series: Readonly<Record<keyof Growth, Series>> = {
  files: {
    counts: [1000, 10_000, 50_000, 100_000, 200_000],
    fill(context, count) {
      writeFiles(context, count);
      return 'FROM scratch\nCOPY data /\n';
    },
  },
  layers: {
    counts: [10, 50, 100, 200],
    fill(context, count) {
      writeFiles(context, count);
      return dockerfile(count, (at) => `COPY data/0/${at} /${at}`);
    },
  },
  steps: {
    counts: [10, 25, 50, 100],
    fill(context, count) {
      mkdirSync(join(context, 'bin'), { recursive: true });
      copyFileSync('/bin/busybox', join(context, 'bin/busybox'));
      return dockerfile(count, (at) => `RUN ["/bin/busybox", "touch", "/${at}"]`, 'COPY bin /bin\n');
    },
  },
};

/** Cold builds of more and more small files in one layer, of more and more layers by COPY, and of more and more steps. */
export async function measureGrowth(place: BuilderPlace): Promise<Growth> {
  const measured: Partial<Record<keyof Growth, readonly GrowthPoint[]>> = {};
  for (const [name, { counts, fill }] of Object.entries(series) as [keyof Growth, Series][]) {
    console.log(`bench: growth with ${name}`);
    const points: GrowthPoint[] = [];
    for (const count of counts) {
      const context = join(place.run, `${name}-${count}`);
      mkdirSync(context);
      writeFileSync(join(context, 'Dockerfile'), fill(context, count));
      const runs: MemoryRun[] = [];
      for (let at = 0; at < rounds; at++) {
        runs.push(await runMeasured(place, { context, name: `growth/${name}-${count}-${at}:1` }));
      }
      const run = middle(runs);
      console.log(`bench:   ${count} ${run.seconds.toFixed(2)} s, ${Math.round(run.peak / 1e6)} MB`);
      points.push({ count, ...run });
    }
    measured[name] = points;
  }
  return measured as Growth;
}

/** The run that took the median time. */
function middle(runs: readonly MemoryRun[]): MemoryRun {
  const sorted = runs.toSorted((a, b) => a.seconds - b.seconds);
  return sorted[Math.floor(sorted.length / 2)] as MemoryRun;
}

function dockerfile(count: number, line: (at: number) => string, start = ''): string {
  const lines = Array.from({ length: count }, (_, at) => line(at));
  return `FROM scratch\n${start}${lines.join('\n')}\n`;
}

function writeFiles(context: string, count: number): void {
  for (let at = 0; at < count; at++) {
    const within = join(context, 'data', String(Math.floor(at / 1000)));
    if (at % 1000 === 0) mkdirSync(within, { recursive: true });
    writeFileSync(join(within, String(at)), String(at));
  }
}
