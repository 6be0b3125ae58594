import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** One timed build. */
export interface Run {
  readonly builder: string;
  readonly seconds: number;
  /** Share of the processors, 0 to 1, that others used in the moment before. */
  readonly others: number;
  /** Bytes of the pushed layers; 0 where nothing is pushed. */
  readonly size: number;
  /** Bytes that went to the registry, as the kernel counted them; not known of old results. */
  readonly sent?: number;
  /** Of a shape about what something adds: seconds of the build without it; `seconds` are those that it adds. */
  readonly plain?: number;
}

export interface ShapeResult {
  readonly date: string;
  /** Builders by name, as the page calls them. */
  readonly titles: Readonly<Record<string, string>>;
  readonly runs: readonly Run[];
  /** Builds of others that ended with an error and were done again, by builder; what they said. */
  readonly failures?: Readonly<Record<string, readonly string[]>>;
}

/** Speeds of the parts that bound an export, on one core, in bytes per second, over the tree of the copy shapes. */
export interface Limits {
  readonly tree: { readonly files: number; readonly bytes: number };
  readonly gzip: number;
  readonly zstd: number;
  /** Of the bytes that come out. */
  readonly gunzip: number;
  readonly sha256: number;
  /** Seconds for a look (lstat) at one file. */
  readonly look: number;
  /** Reading the files, which are in the page cache. */
  readonly read: number;
  /** Writing a big file and waiting for the disk. */
  readonly write: number;
  /** Seconds that the quicker OCI runtime takes for a container that runs `true` in a folder. */
  readonly container: number;
}

export interface MemoryRun {
  readonly seconds: number;
  /** Bytes of resident memory at the highest. */
  readonly peak: number;
}

export interface GrowthPoint extends MemoryRun {
  readonly count: number;
}

export interface Growth {
  /** Of one layer. */
  readonly files: readonly GrowthPoint[];
  /** Made by COPY. */
  readonly layers: readonly GrowthPoint[];
  /** RUN */
  readonly steps: readonly GrowthPoint[];
}

/** One timed build of so many boxes, cold. */
export interface BoxesRun extends Run {
  readonly count: number;
}

/** How builds grow with the number of boxes. */
export interface BoxesGrowth {
  readonly date: string;
  readonly titles: Readonly<Record<string, string>>;
  readonly runs: readonly BoxesRun[];
}

/** One build of a worker that knew nothing but the cache. Bytes. */
export interface CacheMountRun {
  readonly kind: string;
  /** Of the files. */
  readonly size: number;
  readonly fetched: number;
  readonly sent: number;
  readonly restoreMs: number;
  readonly exportMs: number;
}

export interface CacheMounts {
  readonly date: string;
  readonly runs: readonly CacheMountRun[];
}

/** Builds that wrote one cache at once, and how many of them fresh builders found there. */
export interface WritersRun {
  readonly builder: string;
  readonly title: string;
  readonly writers: number;
  /** Until the last one had ended. */
  readonly seconds: number;
  readonly found: number;
}

export interface Machine {
  readonly cores: number;
  readonly cpu: string;
  readonly memory: number;
  readonly kernel: string;
  readonly system: string;
  readonly node: string;
  readonly commit: string;
}

export interface Results {
  readonly machine: Machine;
  readonly shapes: Readonly<Record<string, ShapeResult>>;
  readonly startUp?: Readonly<Record<string, readonly number[]>>;
  readonly limits?: Limits;
  readonly memory?: Readonly<Record<string, MemoryRun>>;
  readonly growth?: Growth;
  readonly boxes?: BoxesGrowth;
  readonly mounts?: CacheMounts;
  readonly writers?: readonly WritersRun[];
}

/** What earlier runs left in the work folder, as far as anything. */
export function readResults(work: string): Partial<Results> {
  const file = join(work, 'results.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Partial<Results>) : {};
}

/** Puts a part over what is there, so that one shape can be measured alone. */
export function saveResults(work: string, part: Partial<Results>): void {
  const old = readResults(work);
  const shapes = { ...old.shapes, ...part.shapes };
  mkdirSync(work, { recursive: true });
  writeFileSync(join(work, 'results.json'), `${JSON.stringify({ ...old, ...part, shapes }, null, 1)}\n`);
}
