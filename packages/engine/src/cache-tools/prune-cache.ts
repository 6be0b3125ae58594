import type { Clock } from '@onebuild/core';
import type { CacheLimits, CachePlace } from '../cache/cache-place.ts';
import type { CacheContents } from '../cache/cache-record.ts';
import { pruneContents } from '../cache/prune-contents.ts';
import { type CachePart, listParts, sizeOf } from './list-cache.ts';

const dayMs = 24 * 60 * 60 * 1000;

export interface PruneCacheOptions {
  readonly limits: CacheLimits;
  /** Says what would go. */
  readonly dryRun?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface PrunedCache {
  readonly name: string;
  readonly removed: readonly CachePart[];
  readonly removedEntries: number;
  /** Bytes of blobs that nothing names any more. */
  readonly removedSize: number;
  readonly keptEntries: number;
  readonly keptSize: number;
}

/**
 * Takes out of a cache what is beyond the limits, and what nothing leads to. Others may read and write meanwhile.
 * Undefined: there is no cache.
 * @throws CACHE_DAMAGED, REGISTRY_*, FILE_ACCESS, CANCELED
 */
export async function pruneCache(
  place: CachePlace,
  { limits, dryRun = false, clock, signal }: PruneCacheOptions,
): Promise<PrunedCache | undefined> {
  const before = await place.read(signal);
  if (before === undefined) return undefined;
  const today = Math.floor(clock() / dayMs);
  let pruned = comparePruned(place.name, before, pruneContents(before, { ...limits, today }));
  if (dryRun || pruned.removedEntries === 0) return pruned;
  await place.rewrite(
    (contents) => {
      const kept = pruneContents(contents, { ...limits, today });
      pruned = comparePruned(place.name, contents, kept);
      return kept;
    },
    { signal },
  );
  return pruned;
}

function comparePruned(name: string, before: CacheContents, kept: CacheContents): PrunedCache {
  const stays = new Set(kept.records);
  const gone = before.records.filter((record) => !stays.has(record));
  const goneBlobs = [...before.blobs].filter(([digest]) => !kept.blobs.has(digest));
  const removed = { ...before, records: gone, blobs: new Map(goneBlobs) };
  return {
    name,
    removed: listParts(removed),
    removedEntries: gone.length,
    removedSize: sizeOf([...removed.blobs.keys()], removed),
    keptEntries: kept.records.length,
    keptSize: sizeOf([...kept.blobs.keys()], kept),
  };
}
