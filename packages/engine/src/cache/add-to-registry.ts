import { type Digest, fault, isFault } from '@onebuild/core';
import { formatReference } from '@onebuild/oci';
import { allEnded } from '../graph/all-ended.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import { encodeArtifact } from './cache-artifact.ts';
import type { CacheLimits } from './cache-place.ts';
import { blobsOf, type CacheContents } from './cache-record.ts';
import type { CacheState } from './cache-state.ts';
import { combineContents } from './combine-contents.ts';
import { pruneContents } from './prune-contents.ts';
import { pushArtifact } from './push-artifact.ts';
import {
  type RegistryCache,
  type RegistryState,
  readRegistryState,
  segmentReference,
} from './registry-state.ts';
import { newSegmentId } from './segment-tags.ts';

/** Whoever read the main document writes it within this time, or not at all. Milliseconds. */
const mergeMs = 60_000;
/** Whoever may still write a main document without a segment has ended long since when the main one has had it so long. Seconds. */
const settledSeconds = 3600;

export interface WritableCache extends RegistryCache {
  /** At most what everybody else has for it; see {@link mergeMs}. */
  readonly mergeMs?: number;
}

/**
 * Adds to a cache that others add to at the same time, without a lock. What is new goes under a tag of its own, which nobody else
 * writes; beside that the main document gets it, with all that others left under such tags. A main document that another one
 * overwrites at the same moment takes nothing along: until the main one names a segment, readers take the segment, too.
 *
 * @returns the segments that can be deleted
 */
export async function addToRegistry(
  cache: WritableCache,
  { contents: added, limits }: { readonly contents: CacheContents; readonly limits: CacheLimits },
): Promise<readonly string[]> {
  const late = startMerge(cache);
  const state = await readRegistryState(cache, 'push');
  const { contents, news } = combineContents(state.contents, added, { limits, now: cache.now });
  const id = news.records.length > 0 ? newSegmentId(cache.now) : undefined;
  const merged = new Map(state.merged);
  if (id !== undefined) merged.set(id, Math.floor(cache.now / 1000));
  await allEnded([
    id === undefined ? undefined : pushSegment(cache, id, news),
    // where it is too late the segment has it all, and the next one who writes merges it
    pushMain(cache, { state, next: { contents, merged }, late }),
  ]);
  return removable(state, cache.now);
}

/** Replaces what is there; see {@link addToRegistry}. What is added at the same time stays. */
export async function rewriteRegistry(
  cache: WritableCache,
  change: (contents: CacheContents) => CacheContents,
): Promise<readonly string[]> {
  const late = startMerge(cache);
  const state = await readRegistryState(cache, 'push');
  if (state.main === undefined && state.merged.size === 0) return [];
  const contents = pruneContents(change(state.contents), { today: Math.floor(cache.now / 86_400_000) });
  if (await pushMain(cache, { state, next: { contents, merged: state.merged }, late })) {
    return removable(state, cache.now);
  }
  throw fault(
    'REGISTRY_UNAVAILABLE',
    `cache ${formatReference(cache.reference)} could not be written in time`,
  );
}

async function pushSegment(cache: RegistryCache, id: string, news: CacheContents): Promise<void> {
  const artifact = encodeArtifact({ contents: news, merged: new Map() }, { 'dev.onebuild.cache.part': id });
  const reference = segmentReference(cache.reference, id);
  await pushArtifact(cache.client, reference, { artifact, signal: cache.signal });
}

interface MainPush {
  readonly state: RegistryState;
  readonly next: CacheState;
  /** Aborts when it is too late to write. */
  readonly late: AbortSignal;
}

/** @returns false where it was too late */
async function pushMain(cache: RegistryCache, { state, next, late }: MainPush): Promise<boolean> {
  const { client, reference } = cache;
  const push = async (wanted: CacheState) => {
    const artifact = encodeArtifact(wanted);
    if (artifact.manifest.descriptor.digest === state.main) return;
    await pushArtifact(client, reference, { artifact, signal: late });
  };
  try {
    await push(next).catch(async (error: unknown) => {
      if (!isFault(error, 'BLOB_NOT_FOUND')) throw error;
      await push({ ...next, contents: await withoutLost(cache, next.contents) });
    });
    return true;
  } catch (error) {
    if (cache.signal.aborted || !late.aborted) throw error;
    return false;
  }
}

/** The contents whose blobs the registry has: somebody may have removed some of them in the meantime. */
async function withoutLost(cache: RegistryCache, contents: CacheContents): Promise<CacheContents> {
  const turns = createSemaphore(16);
  const there = await allEnded(
    [...contents.blobs].map(([digest, descriptor]) =>
      turns.use(async () => {
        const has = await cache.client.hasBlob(cache.reference, digest, { signal: cache.signal });
        return has ? [[digest, descriptor] as const] : [];
      }),
    ),
  );
  const blobs: ReadonlyMap<Digest, (typeof there)[number][number][1]> = new Map(there.flat());
  const records = contents.records.filter((record) => blobsOf(record).every((digest) => blobs.has(digest)));
  return { ...contents, records, blobs };
}

function removable({ settled }: RegistryState, now: number): readonly string[] {
  return [...settled].filter(([, since]) => now / 1000 - since >= settledSeconds).map(([id]) => id);
}

function startMerge(cache: WritableCache): AbortSignal {
  return AbortSignal.any([cache.signal, AbortSignal.timeout(cache.mergeMs ?? mergeMs)]);
}
