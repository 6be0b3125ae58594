import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { runProgram, seededBytes } from '@onebuild/testkit';
import type { BuilderPlace, BuildRequest } from '../peers/builder.ts';
import { onebuildCommand } from '../peers/onebuild.ts';
import type { Growth, MemoryRun } from './results.ts';

const gigabyte = 1_000_000_000;

/** Builds with OneBuild under time(1), which knows the most resident memory of a process that it waited for. */
async function runMeasured(place: BuilderPlace, request: BuildRequest): Promise<MemoryRun> {
  const report = join(place.run, 'time');
  const home = mkdtempSync(join(place.run, 'measured-'));
  await runProgram(['sync']);
  const start = performance.now();
  await runProgram(['time', '--format=%M', `--output=${report}`, ...onebuildCommand(place, home, request)]);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, peak: Number(readFileSync(report, 'utf8').trim().split('\n').at(-1)) * 1024 };
}

/** Exports four gigabytes: half of them do not compress, half are a hole. */
export async function measureMemory(place: BuilderPlace): Promise<Record<string, MemoryRun>> {
  console.log('bench: memory');
  const context = join(place.run, 'big');
  mkdirSync(context, { recursive: true });
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY data /\n');
  mkdirSync(join(context, 'data'), { recursive: true });
  const handle = openSync(join(context, 'data/noise'), 'w');
  for (let at = 0; at < 2000; at++) writeSync(handle, seededBytes(`noise ${at}`, gigabyte / 1000));
  closeSync(handle);
  writeFileSync(join(context, 'data/hole'), '');
  truncateSync(join(context, 'data/hole'), 2 * gigabyte);
  const results: Record<string, MemoryRun> = {};
  for (const compression of ['gzip', 'zstd'] as const) {
    results[compression] = await runMeasured(place, { context, name: `big/${compression}:1`, compression });
  }
  return results;
}

/** Cold builds of more and more empty files in one layer, and of more and more layers. */
export async function measureGrowth(place: BuilderPlace): Promise<Growth> {
  console.log('bench: growth');
  const files = [];
  for (const count of [10_000, 20_000, 40_000, 80_000]) {
    const context = join(place.run, `files-${count}`);
    writeFiles(join(context, 'data'), count);
    writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY data /\n');
    files.push({ count, ...(await runMeasured(place, { context, name: `files/of-${count}:1` })) });
  }
  const layers = [];
  for (const count of [5, 10, 20, 40, 80, 120]) {
    const context = join(place.run, `layers-${count}`);
    writeFiles(join(context, 'data'), count);
    const lines = Array.from({ length: count }, (_, at) => `COPY data/0/${at} /${at}`);
    writeFileSync(join(context, 'Dockerfile'), `FROM scratch\n${lines.join('\n')}\n`);
    layers.push({ count, ...(await runMeasured(place, { context, name: `layers/of-${count}:1` })) });
  }
  return { files, layers };
}

function writeFiles(folder: string, count: number): void {
  for (let at = 0; at < count; at++) {
    const within = join(folder, String(Math.floor(at / 1000)));
    if (at % 1000 === 0) mkdirSync(within, { recursive: true });
    writeFileSync(join(within, String(at)), String(at));
  }
}
