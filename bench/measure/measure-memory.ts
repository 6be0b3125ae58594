import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { runProgram, seededBytes } from '@onebuild/testkit';
import type { BuilderPlace, BuildRequest } from '../peers/builder.ts';
import { onebuildCommand } from '../peers/onebuild.ts';
import type { MemoryRun } from './results.ts';

const gigabyte = 1_000_000_000;

/** Builds with OneBuild, cold, under time(1), which knows the most resident memory of a process that it waited for. */
export async function runMeasured(place: BuilderPlace, request: BuildRequest): Promise<MemoryRun> {
  const report = join(place.run, 'time');
  const home = mkdtempSync(join(place.run, 'measured-'));
  await runProgram(['sync']);
  const start = performance.now();
  await runProgram([
    'time',
    '--format=%M',
    `--output=${report}`,
    ...onebuildCommand(place, { home }, request),
  ]);
  const seconds = (performance.now() - start) / 1000;
  return { seconds, peak: Number(readFileSync(report, 'utf8').trim().split('\n').at(-1)) * 1024 };
}

/** Exports four gigabytes: half of them do not compress, half are a hole. */
export async function measureMemory(place: BuilderPlace): Promise<Record<string, MemoryRun>> {
  console.log('bench: memory');
  const context = join(place.run, 'big');
  mkdirSync(join(context, 'data'), { recursive: true });
  writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY data /\n');
  const handle = openSync(join(context, 'data/noise'), 'w');
  for (let at = 0; at < 2000; at++) writeSync(handle, seededBytes(`noise ${at}`, gigabyte / 1000));
  closeSync(handle);
  writeFileSync(join(context, 'data/hole'), '');
  truncateSync(join(context, 'data/hole'), 2 * gigabyte);
  const results: Record<string, MemoryRun> = {};
  for (const compression of ['gzip', 'zstd'] as const) {
    const run = await runMeasured(place, { context, name: `big/${compression}:1`, compression });
    console.log(`bench:   ${compression} ${Math.round(run.peak / 1e6)} MB`);
    results[compression] = run;
  }
  rmSync(context, { recursive: true });
  return results;
}
