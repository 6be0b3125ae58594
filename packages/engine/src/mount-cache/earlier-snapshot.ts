import type { BigIntStats } from 'node:fs';
import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import { decodeMountListing } from './decode-listing.ts';
import { decodeDiskState, type FileState, isUntouched, type LeftFile } from './disk-state.ts';
import type { FoundPath } from './find-files.ts';
import type { ChunkPlace, MountEntry } from './mount-listing.ts';

/** What a new snapshot can build on. */
export interface EarlierSnapshot {
  readonly entries: readonly MountEntry[];
  readonly byPath: ReadonlyMap<string, MountEntry>;
  /** Of the packs that are still there. */
  readonly chunks: ReadonlyMap<string, ChunkPlace>;
  /** Whether what files looked like is known. */
  readonly hasStates: boolean;
  readonly states: ReadonlyMap<string, FileState>;
  readonly left: ReadonlyMap<string, LeftFile>;
}

const nothing: EarlierSnapshot = {
  entries: [],
  byPath: new Map(),
  chunks: new Map(),
  hasStates: false,
  states: new Map(),
  left: new Map(),
};

/** Of a listing that is damaged nothing is taken: then everything is saved anew. */
export function readEarlier(
  before: { readonly listing: Uint8Array; readonly state?: string } | undefined,
  packs: ReadonlyMap<Digest, Descriptor>,
): EarlierSnapshot {
  if (before === undefined) return nothing;
  let listing: ReturnType<typeof decodeMountListing>;
  try {
    listing = decodeMountListing(before.listing);
  } catch {
    return nothing;
  }
  const { entries } = listing;
  const chunks = new Map([...listing.chunks].filter(([, { pack }]) => packs.has(pack)));
  const found = before.state === undefined ? undefined : decodeDiskState(before.state);
  const state = found?.listing === digestOf(before.listing) ? found : undefined;
  const states = new Map<string, FileState>();
  for (const [at, { path }] of entries.filter(({ type }) => type === 'file').entries()) {
    const one = state?.files[at];
    if (one !== undefined) states.set(path, one);
  }
  return {
    entries,
    byPath: new Map(entries.map((entry) => [entry.path, entry])),
    chunks,
    hasStates: state !== undefined,
    states,
    left: state?.left ?? new Map(),
  };
}

/** The file as it was, where all of its chunks are still there. */
export function earlierFile({ byPath, chunks }: EarlierSnapshot, path: string): MountEntry | undefined {
  const entry = byPath.get(path);
  return entry?.type === 'file' && entry.chunks?.every((digest) => chunks.has(digest)) ? entry : undefined;
}

/** Whether the file has the content that it had then, as far as that shows without reading it. */
export function isAsEarlier({ states }: EarlierSnapshot, { path, stat }: FoundPath): boolean {
  const state = states.get(path);
  return state !== undefined && isUntouched(state, stat);
}

const dayNs = 86_400_000_000_000n;

/**
 * The last day on which a file is known to have been used: read (where the file system notes that), or written. `day`: today, which counts for
 * what is new.
 */
export function lastUse(earlier: EarlierSnapshot, { path, stat }: FoundPath, day: number): number {
  const entry = earlier.byPath.get(path);
  const state = earlier.states.get(path);
  if (entry?.used !== undefined) {
    if (state === undefined) return isSameTime(entry, stat) ? entry.used : day;
    return isUntouched(state, stat) ? laterUse(entry.used, state, { stat, day }) : day;
  }
  const left = earlier.left.get(path);
  if (left === undefined || !isUntouched(left.state, stat)) return day;
  return laterUse(left.used, left.state, { stat, day });
}

function isSameTime({ seconds, nanoseconds }: MountEntry, { mtimeNs }: BigIntStats): boolean {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds) === mtimeNs;
}

function laterUse(
  used: number,
  { atime }: FileState,
  { stat, day }: { readonly stat: BigIntStats; readonly day: number },
): number {
  if (stat.atimeNs === atime) return used;
  return Math.max(used, Math.min(day, Number(stat.atimeNs / dayNs)));
}
