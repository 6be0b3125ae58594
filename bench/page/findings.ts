import type { Results } from '../measure/results.ts';
import { medianOf } from '../measure/statistics.ts';
import { boxFindings } from './box-findings.ts';
import { cacheFindings } from './cache-findings.ts';
import { describe, type Finding } from './describe.ts';
import { numbersOf } from './page-numbers.ts';

/** What bounds a shape, how far from that it is, and what would move it; by shape or report. */
export const findings: Readonly<Record<string, Finding>> = {
  'redis-unchanged': (results) =>
    describe(results, 'redis-unchanged', {
      bound: `Starting Node.js (${startOf(results, 'node -e 0')}), then loading the command's one file with its compiled code, which takes as long again; looking at
the 1,700 files of the context; three questions to the registry, one after the other (is it plain HTTP, what are the bases, what is the
tag). COPY and RUN are known by their content keys, no listing is read, no layer opened, nothing sent. A profile has no hot spot left: code
runs once and cold. buildx starts a compiled client, and its daemon has everything in memory.`,
      move: `Not much within one process of Node.js: its start and exit alone are a third of what the target leaves. A resident process would keep code and
contexts warm, but there is none, on purpose; a small compiled client that looks at the context itself would do.`,
    }),
  'copy-gzip': (results) => describeCopy(results, 'gzip'),
  'copy-zstd': (results) => describeCopy(results, 'zstd'),
  'run-steps': (results) => {
    const container = results.limits?.container;
    const least =
      container === undefined
        ? ''
        : ` The quicker of runc and crun needs ${ms(container)} for one that does nothing, ${(20 * container).toFixed(2)} s for twenty.`;
    return describe(results, 'run-steps', {
      bound: `Steps follow each other, and each one is a container of its own, started by an OCI runtime.${least} The rest, per step, is the launcher that
mounts the root in a namespace of its own (a dozen small programs, mount(8), dd and chown among them), removing the step's folders, listing
what changed, and a layer of a few bytes. In a profile 40 % is waiting for those programs, a quarter loading modules, a fifth starting
processes and removing folders, which other work waits for.`,
      move: `One helper that calls mount(2) itself, instead of a dozen programs; removing a step's folders while the next step runs.`,
    });
  },
  'one-change': (results) =>
    describe(results, 'one-change', {
      bound: `Of 20,000 files all are looked at, but only those near the changed one are opened: compressed blocks of the last layer are copied, and the
step runs on the folder of the last layer with a small one over it.${leastOfOneChange(results)} The rest is starting Node.js, the list of the
files in JavaScript (read, compared, sorted, turned into headers), and the registry, which hashes and writes the new blob on the same cores.`,
      move: `Looking at files from several threads, or being told of changes by the kernel, which takes a daemon; a list that is kept instead of made anew.`,
    }),
  'pull-base': (results) => {
    const gunzip = results.limits?.gunzip;
    const least =
      gunzip === undefined ? '' : ` At ${mb(gunzip)} MB/s that is ${(170e6 / gunzip).toFixed(1)} s.`;
    return describe(results, 'pull-base', {
      bound: `A gzip stream is unpacked on one core.${least} Beside it the engine's thread hashes and writes some thousands of files; making them is half of
its time.`,
      move: `Making files on several threads; for the base's owner zstd, which unpacks several times as fast as gzip.`,
    });
  },
  'redis-cold': (results) =>
    describe(results, 'redis-cold', {
      bound: `The compiler, which takes the same time for everyone on all cores. What builders differ in is pulling and unpacking the two bases, and the four other steps.`,
      move: `Not the builder: a cache mount for the compiler, or more cores.`,
    }),
  'cached-step': (results) =>
    describe(results, 'cached-step', {
      bound: `Starting Node.js (${startOf(results, 'node -e 0')}) and loading the command, as for the unchanged example; the base is resolved at the registry each
time. The aim was 150 ms on an idle machine.`,
      move: `A smaller command file, of which a build loads only what it uses.`,
    }),
  ...boxFindings,
  ...cacheFindings,
  'start-up': () =>
    `\`onebuild --version\` has an aim of 80 ms on an idle machine. Most of it is Node.js' own start; a shell script that finds the right Node.js is the rest.`,
  memory: ({ memory }) => {
    const worst = Math.max(...Object.values(memory ?? {}).map(({ peak }) => peak));
    const verdict = worst <= 300e6 ? 'is kept' : 'is missed';
    return `The aim of 300 MB ${verdict}. Code and Node.js itself take about 80 MB; the rest is blocks that wait to be compressed or sent, and does not depend on the size of the export.`;
  },
  growth: ({ growth }) => {
    if (growth === undefined) return '';
    const { files, layers, steps } = growth;
    return `From the second row to the last, time grows with the power ${powerOf(files)} of the number of files, ${powerOf(layers)} of the layers and ${powerOf(steps)} of the steps (1 is
linear; below it, a fixed part is still visible). Memory grows with the entries of a layer, as its listing is held: about ${(
      perItem(files) / 1000
    ).toFixed(1)} kB per file. It does not depend on how big files are.`;
  },
};

function describeCopy(results: Results, compression: 'gzip' | 'zstd'): string {
  const name = `copy-${compression}`;
  const { limits, machine } = results;
  const result = results.shapes[name];
  if (limits === undefined || result === undefined) return '';
  const { bytes, files } = limits.tree;
  // The bytes are read once, hashed as they are and compressed, and written to the store; the registry has cores of its own to pay for.
  const work = bytes / limits[compression] + bytes / limits.sha256;
  const least = work / machine.cores;
  const ours = numbersOf(result)[0]?.median ?? Number.NaN;
  return describe(results, name, {
    bound: `${files.toLocaleString('en')} files with ${mb(bytes)} MB. One core compresses ${mb(limits[compression])} MB/s at the level that OneBuild takes and hashes ${mb(limits.sha256)} MB/s with SHA-256; reading
is ${mb(limits.read)} MB/s out of the page cache, the disk takes ${mb(limits.write)} MB/s. Compressing and hashing once on ${machine.cores} cores cannot take less
than ${least.toFixed(1)} s; OneBuild takes ${(ours / least).toFixed(1)} times that, with the registry, which hashes and writes what it gets, on the same cores.`,
    move: `A faster deflate or zstd than those in Node.js, or more cores: blocks are compressed independently.`,
  });
}

/** The archive of the 20,000 files is 39 MB. */
function leastOfOneChange({ limits, machine, shapes: measured }: Results): string {
  const result = measured['one-change'];
  if (limits?.look === undefined || result === undefined) return '';
  const archive = 39e6;
  const [look, hash] = [20_000 * limits.look, archive / limits.sha256];
  const unpack = archive / limits.gunzip / machine.cores;
  const least = look + hash + unpack + limits.container;
  const ours = numbersOf(result)[0]?.median ?? Number.NaN;
  return ` Looking at the files takes at least ${ms(look)}, unpacking the blocks and hashing the archive for its digest ${ms(unpack + hash)}, an empty container ${ms(limits.container)}:
together ${least.toFixed(2)} s, and OneBuild takes ${(ours / least).toFixed(1)} times that.`;
}

function startOf({ startUp }: Results, name: string): string {
  const times = startUp?.[name];
  return times === undefined ? 'tens of milliseconds' : ms(medianOf(times));
}

interface Point {
  readonly count: number;
  readonly seconds: number;
  readonly peak: number;
}

/** Slope between the second and the last point, both axes logarithmic. */
function powerOf(points: readonly Point[]): string {
  const [first, last] = [points[1], points.at(-1)];
  if (first === undefined || last === undefined) return '?';
  return (Math.log(last.seconds / first.seconds) / Math.log(last.count / first.count)).toFixed(2);
}

function perItem(points: readonly Point[]): number {
  const [first, last] = [points[0], points.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  return (last.peak - first.peak) / (last.count - first.count);
}

function ms(value: number): string {
  return `${(value * 1000).toFixed(0)} ms`;
}

function mb(value: number): string {
  return (value / 1e6).toFixed(0);
}
