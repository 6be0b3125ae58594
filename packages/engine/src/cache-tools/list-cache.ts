import type { Digest } from '@onebuild/core';
import type { CachePlace } from '../cache/cache-place.ts';
import { blobsOf, type CacheContents, type CacheRecord } from '../cache/cache-record.ts';

/** `steps`: what RUN made. `copies`: what COPY and ADD made. `listings`: which files a layer has. `layers`: their bytes. `mounts`: snapshots of cache mounts. */
export const cachePartKinds = ['steps', 'copies', 'listings', 'layers', 'mounts'] as const;

export type CachePartKind = (typeof cachePartKinds)[number];

export interface CachePart {
  readonly kind: CachePartKind;
  readonly count: number;
  /** Bytes of the blobs that its entries need, each once. */
  readonly size: number;
  /** The last day (since the Unix epoch) on which one of them was used; undefined where there is none. */
  readonly lastUsed: number | undefined;
}

export interface ListedMount {
  /** As the Dockerfile has it. */
  readonly id: string;
  /** Bytes of its files. */
  readonly size: number;
  /** Bytes in the cache. */
  readonly storedSize: number;
  /** Seconds since the Unix epoch: when it was saved. */
  readonly at: number;
  readonly signed: boolean;
}

export interface CacheListing {
  readonly name: string;
  readonly entries: number;
  /** Entries that somebody signed; with which key is a question for {@link verifyCache}. */
  readonly signed: number;
  /** Bytes of all blobs. */
  readonly size: number;
  readonly parts: readonly CachePart[];
  /** The one that was saved last first. */
  readonly mounts: readonly ListedMount[];
  /** Builds that wrote, as far as it remembers. */
  readonly builds: number;
}

/**
 * What a cache holds. Undefined: there is none.
 * @throws CACHE_DAMAGED, REGISTRY_*, FILE_ACCESS, CANCELED
 */
export async function listCache(
  place: CachePlace,
  { signal }: { readonly signal: AbortSignal },
): Promise<CacheListing | undefined> {
  const contents = await place.read(signal);
  if (contents === undefined) return undefined;
  const { records, blobs, accounts } = contents;
  return {
    name: place.name,
    entries: records.length,
    signed: records.filter(({ sig }) => sig !== undefined).length,
    size: sizeOf([...blobs.keys()], contents),
    parts: listParts(contents),
    mounts: records
      .flatMap((record): ListedMount[] => {
        if (record.kind !== 'mount') return [];
        const { id, bytes, at, sig } = record;
        const storedSize = sizeOf(blobsOf(record), contents);
        return [{ id, size: bytes, storedSize, at, signed: sig !== undefined }];
      })
      .toSorted((one, other) => other.at - one.at),
    builds: accounts.length,
  };
}

/** The entries by kind; kinds without entries, too. */
export function listParts(contents: CacheContents): readonly CachePart[] {
  const groups = Map.groupBy(contents.records, partOf);
  return cachePartKinds.map((kind) => {
    const records = groups.get(kind) ?? [];
    const days = records.map(({ used }) => used);
    return {
      kind,
      count: records.length,
      size: sizeOf(records.flatMap(blobsOf), contents),
      lastUsed: days.length === 0 ? undefined : days.reduce((last, day) => Math.max(last, day)),
    };
  });
}

function partOf({ kind }: CacheRecord): CachePartKind {
  return ({ exec: 'steps', copy: 'copies', listing: 'listings', blob: 'layers', mount: 'mounts' } as const)[
    kind
  ];
}

/** Bytes of the blobs, each counted once. */
export function sizeOf(digests: readonly Digest[], { blobs }: CacheContents): number {
  let size = 0;
  for (const digest of new Set(digests)) size += blobs.get(digest)?.size ?? 0;
  return size;
}
