// Prints what a worker's build did, and checks that it did no more than it had to: check.ts WORKERS NUMBER

import { join } from 'node:path';
import { printBuild } from './print-build.ts';
import { readBuild } from './read-build.ts';

const [, , workers = '.', number = ''] = process.argv;
const { output, ...build } = readBuild(join(workers, number));
if (build.report === undefined) {
  console.error(output);
  process.exit(1);
}
printBuild(build);

const ran = build.steps.flatMap(({ name, status }) => (status === 'done' ? [name] : []));
const commands = ran.filter((name) => name.startsWith('RUN '));
const [mount] = build.report.cache?.mounts ?? [];
const { fetchedBytes = 0, sentBytes = 0, size = 0 } = mount ?? {};
const [box] = build.report.boxes;
const isUnmoved = ['the mount stayed where it was', mount === undefined] as const;

const expectations: Readonly<Record<string, readonly (readonly [text: string, holds: boolean])[]>> = {
  1: [
    ['all commands ran', commands.length === 2],
    ['npm downloaded all packages', build.downloads.length > 1],
    ['the mount was sent', fetchedBytes === 0 && sentBytes > 0],
  ],
  2: [
    ['no step ran', ran.length === 0],
    ['no layer was unpacked, not even of a base', build.layers === 0],
    isUnmoved,
    ['the image is that of worker 1', box?.digest === digestOf('1')],
  ],
  3: [
    ['the mount came from the cache', fetchedBytes > 0],
    [
      'npm downloaded the new package alone',
      build.downloads.join().startsWith('dayjs-') && build.downloads.length === 1,
    ],
    ['of the mount less than a quarter was sent', sentBytes > 0 && sentBytes < size / 4],
  ],
  4: [
    ['the build step ran, npm ci did not', commands.join() === 'RUN npm test && npm run build'],
    ['npm downloaded nothing', build.downloads.length === 0],
    isUnmoved,
  ],
};

for (const [text, holds] of expectations[number] ?? []) {
  console.log(`  ${holds ? 'ok' : 'NOT SO'}: ${text}`);
  if (!holds) process.exitCode = 1;
}

function digestOf(worker: string): string | undefined {
  return readBuild(join(workers, worker)).report?.boxes[0]?.digest;
}
