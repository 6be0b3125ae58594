import { earlierFile, type EarlierSnapshot, isAsEarlier } from './earlier-snapshot.ts';
import { type FileState, fileState, isSettled, type LeftFile } from './disk-state.ts';
import type { FoundPath } from './find-files.ts';
import type { MountEntry } from './mount-listing.ts';
import { type ReadOptions, readFile } from './read-file.ts';

/** What a snapshot will say. */
export interface TakenFiles {
  readonly entries: readonly MountEntry[];
  /** Of its files, in their order; undefined where the file has to be read next time. */
  readonly states: readonly (FileState | undefined)[];
  readonly left: ReadonlyMap<string, LeftFile>;
  /** Paths that hold a secret or changed. */
  readonly leftOut: readonly string[];
}

export interface TakeOptions extends ReadOptions {
  readonly earlier: EarlierSnapshot;
  /** When the folder was looked at, nanoseconds since the Unix epoch. */
  readonly begun: bigint;
  /** Day of the last use by path. */
  readonly uses: ReadonlyMap<string, number>;
  /** Today. */
  readonly day: number;
  /** Paths of files that there is no room for. */
  readonly evicted: ReadonlySet<string>;
}

/** Reads the files that are not known to be as they were. */
export async function takeFiles(found: readonly FoundPath[], options: TakeOptions): Promise<TakenFiles> {
  const { earlier, begun, evicted, uses, day } = options;
  const entries: MountEntry[] = [];
  const states: (FileState | undefined)[] = [];
  const left = new Map<string, LeftFile>();
  const leftOut: string[] = [];
  const files = new Set<string>();
  /** Files whose other names must be told, too. */
  const told = new Set<string>();
  const settled = (state: FileState) => (isSettled(state, begun) ? state : undefined);
  const takeFile = (entry: MountEntry, state: FileState | undefined): void => {
    entries.push(entry);
    states.push(state);
    files.add(entry.path);
  };
  for (const one of found) {
    const { path, entry, stat } = one;
    await options.paused();
    if (entry.type === 'hardlink') {
      const { link = '' } = entry;
      if (files.has(link)) entries.push(entry);
      else if (told.has(link)) leftOut.push(path);
      continue;
    }
    if (entry.type !== 'file') {
      entries.push(entry);
      continue;
    }
    const used = uses.get(path) ?? day;
    if (evicted.has(path)) {
      const state = settled(fileState(stat));
      if (state !== undefined) left.set(path, { state, used });
      continue;
    }
    const before = earlierFile(earlier, path);
    if (before?.chunks !== undefined && isAsEarlier(earlier, one)) {
      takeFile({ ...entry, chunks: before.chunks, used }, fileState(stat));
      continue;
    }
    const read = await readFile(one, options);
    if (read.how === 'read') takeFile({ ...entry, chunks: read.chunks, used }, settled(read.state));
    else if (read.how === 'changed' && before !== undefined) takeFile({ ...before, used: day }, undefined);
    else if (read.how !== 'gone') {
      told.add(path);
      leftOut.push(path);
    }
  }
  return { entries, states, left, leftOut };
}
