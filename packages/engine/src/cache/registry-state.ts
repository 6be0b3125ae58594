import { type Digest, isFault } from '@onebuild/core';
import { formatReference, type Reference } from '@onebuild/oci';
import type { Purpose, RegistryClient } from '@onebuild/registry/client';
import { allEnded } from '../graph/all-ended.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import { readArtifact } from './cache-artifact.ts';
import { asDamaged, cacheDamaged } from './cache-damaged.ts';
import { decodeDocument } from './cache-document.ts';
import { type CacheState, emptyContents } from './cache-state.ts';
import { listSegments } from './list-segments.ts';
import { mergeContents } from './merge-contents.ts';
import { isOldSegment, segmentPrefix } from './segment-tags.ts';

/** Where a cache lies in a registry, and who asks. */
export interface RegistryCache {
  readonly client: RegistryClient;
  readonly reference: Reference;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** Told what comes. */
  readonly onBytes?: (bytes: number) => void;
}

/** All that a registry has of a cache: the main document with the segments that it does not have yet. */
export interface RegistryState extends CacheState {
  /** Digest of the main manifest; undefined where there is none. */
  readonly main: Digest | undefined;
  /** What the main document says of segments that are still there. */
  readonly settled: ReadonlyMap<string, number>;
}

interface ReadOptions {
  readonly purpose: Purpose;
  /** What the documents that are still to come may have. */
  readonly budget: { bytes: number };
}

/** So many segments are read at once, the latest; the others' turn comes when these are merged. */
const mostSegments = 512;
/** Of all documents that are read at once. */
const mostBytes = 128 * 1024 * 1024;

interface Part extends CacheState {
  readonly digest: Digest;
}

/**
 * Reads a cache: the manifest beside the list of tags, then what these name. `purpose: 'push'` asks the registry itself and reads the
 * whole list.
 */
export async function readRegistryState(cache: RegistryCache, purpose: Purpose): Promise<RegistryState> {
  const { client, reference, now, signal } = cache;
  const prefix = segmentPrefix(tagOf(reference));
  const options = { purpose, budget: { bytes: mostBytes } };
  const [main, ids] = await allEnded([
    readPart(cache, reference, options),
    reference.digest === undefined
      ? listSegments(client, reference, { prefix, skip: purpose === 'pull', signal })
      : undefined,
  ]);
  const merged = main?.merged ?? new Map<string, number>();
  const unmerged = (ids ?? []).filter((id) => !merged.has(id) && !isOldSegment(id, now));
  const open = unmerged.sort().slice(-mostSegments);
  const turns = createSemaphore(16);
  const segments = await allEnded(
    open.map((id) => turns.use(() => readSegment(cache, segmentReference(reference, id), options))),
  );
  const parts = [main, ...segments].filter((part) => part !== undefined);
  const settled = new Map([...merged].filter(([id]) => ids?.includes(id) !== false));
  const kept = [...settled].filter(([id]) => !isOldSegment(id, now));
  const found = open.filter((_, i) => segments[i] !== undefined);
  return {
    main: main?.digest,
    contents: parts.length === 0 ? emptyContents : mergeContents(parts.map(({ contents }) => contents)),
    settled,
    merged: new Map([...kept, ...found.map((id) => [id, Math.floor(now / 1000)] as const)]),
  };
}

export function tagOf(reference: Reference): string {
  return reference.tag ?? 'latest';
}

/** The tag of a segment. */
export function segmentReference(reference: Reference, id: string): Reference {
  const { registry, repository } = reference;
  return { registry, repository, tag: segmentPrefix(tagOf(reference)) + id };
}

/** What one writer left damaged is no reason to do without what the others wrote: it counts as not there. */
async function readSegment(...part: Parameters<typeof readPart>): Promise<Part | undefined> {
  try {
    return await readPart(...part);
  } catch (error) {
    if (isFault(error, 'CACHE_DAMAGED')) return undefined;
    throw error;
  }
}

/** @returns undefined where it is not there */
async function readPart(
  { client, signal, onBytes }: RegistryCache,
  reference: Reference,
  { purpose, budget }: ReadOptions,
): Promise<Part | undefined> {
  const name = formatReference(reference);
  try {
    const { bytes, descriptor } = await client.manifest(reference, { signal, purpose });
    const { config, blobs } = readArtifact(bytes, descriptor.mediaType, name);
    budget.bytes -= config.size;
    if (budget.bytes < 0)
      throw cacheDamaged(name, `it and the parts beside it have more than ${mostBytes} bytes`);
    const document = await Array.fromAsync(client.blob(reference, config, { signal }));
    onBytes?.(bytes.byteLength + (config.data === undefined ? config.size : 0));
    return { ...decodeDocument(Buffer.concat(document), blobs), digest: descriptor.digest };
  } catch (error) {
    if (isFault(error, 'MANIFEST_NOT_FOUND')) return undefined;
    throw asDamaged(error, name);
  }
}
