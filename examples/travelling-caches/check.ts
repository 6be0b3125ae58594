// Prints what a worker's build did, and checks that it did no more than it had to: check.ts WORKERS NUMBER

import { join } from 'node:path';
import { printBuild } from './print-build.ts';
import { type Build, readBuild } from './read-build.ts';

const [, , workers = '.', number = ''] = process.argv;
const build = readBuild(join(workers, number));
const { downloads, layers, report } = build;
if (report === undefined) {
  console.error(build.output);
  process.exit(1);
}
printBuild(build);

const ran = namesOfRun(build);
const [mount] = report.cache?.mounts ?? [];
const promises: Readonly<Record<string, () => readonly (readonly [text: string, holds: boolean])[]>> = {
  1: () => [
    ['everything ran', ran.length === 2 && report.cache?.steps.length === 0],
    ['npm downloaded packages', downloads.length > 1],
    ['the mount was sent', (mount?.sentBytes ?? 0) > 0],
  ],
  2: () => [
    ['no step ran', report.ms >= 0 && build.steps.every(({ status }) => status === 'cached')],
    ['no layer was unpacked, not even of a base', layers === 0],
    ['the mount stayed where it was', mount === undefined],
    ['the image is the same', report.boxes[0]?.digest === digestOf('1')],
  ],
  3: () => [
    ['the mount came from the cache', (mount?.fetchedBytes ?? 0) > 0],
    ['npm downloaded dayjs alone', downloads.length === 1 && downloads.join().startsWith('dayjs-')],
    ['less than a quarter of the mount was sent', (mount?.sentBytes ?? 0) > 0 && share(mount) < 0.25],
  ],
  4: () => [
    ['npm did not run, the build step did', ran.length === 1 && ran.join().includes('npm run build')],
    ['the mount stayed where it was', mount === undefined],
    ['the image is another', report.boxes[0]?.digest !== digestOf('3')],
  ],
};
const broken = (promises[number]?.() ?? [['this worker is known', false]]).filter(([text, holds]) => {
  console.log(`  ${holds ? 'ok' : 'NOT SO'}: ${text}`);
  return !holds;
});
if (broken.length > 0) process.exit(1);

function namesOfRun({ steps }: Build): readonly string[] {
  return steps.flatMap(({ name, status }) => (status === 'done' && name.startsWith('RUN ') ? [name] : []));
}

function digestOf(worker: string): string | undefined {
  return readBuild(join(workers, worker)).report?.boxes[0]?.digest;
}

function share(of: { readonly size: number; readonly sentBytes?: number } | undefined): number {
  return of === undefined ? 0 : (of.sentBytes ?? 0) / of.size;
}
