import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Digest } from '@onebuild/core';
import {
  type Descriptor,
  digestOf,
  encodeLayerIndex,
  indexDigest,
  type LayerIndex,
  mediaTypes,
} from '@onebuild/oci';
import { cacheTypes } from '../cache/cache-media-types.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheAccount, CacheRecord } from '../cache/cache-record.ts';

export const { signal } = new AbortController();
export const today = 20_000;
/** Milliseconds. */
export const clock = () => today * 86_400_000;

interface Blob {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

function blobOf(mediaType: string, bytes: Uint8Array): Blob {
  return { descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length }, bytes };
}

/** What one step leaves in a cache: a layer with its listing, all of which is as it should be. */
export function madeLayer(name: string) {
  const content = Buffer.from(`files of ${name}`);
  const index: LayerIndex = {
    entries: [
      {
        path: name,
        type: 'file',
        mode: 0o644,
        uid: 0,
        gid: 0,
        size: content.length,
        mtime: 0,
        digest: digestOf(content),
      },
    ],
  };
  const layer = blobOf(mediaTypes.ociLayerGzip, gzipSync(content));
  const listing = blobOf(cacheTypes.listing, zstdCompressSync(encodeLayerIndex(index)));
  return { id: indexDigest(index), layer, listing, diffId: digestOf(content) };
}

export type MadeLayer = ReturnType<typeof madeLayer>;

export function recordsOf(
  name: string,
  { id, layer, listing, diffId }: MadeLayer,
  used = today,
): CacheRecord[] {
  return [
    { kind: 'exec', key: digestOf(`key of ${name}`), layer: id, ms: 1200, used },
    { kind: 'listing', key: id, blob: listing.descriptor.digest, used },
    { kind: 'blob', key: id, form: 'gzip', blob: layer.descriptor.digest, diffId, used },
  ];
}

export interface WrittenCache {
  readonly records: readonly CacheRecord[];
  readonly blobs: readonly Blob[];
  readonly accounts?: readonly CacheAccount[];
}

export async function writeCache(
  place: CachePlace,
  { records, blobs, accounts = [] }: WrittenCache,
): Promise<void> {
  for (const { descriptor, bytes } of blobs) {
    const open = async function* (offset: number) {
      yield bytes.subarray(offset);
    };
    await place.put({ descriptor, open }, { signal });
  }
  const descriptors = blobs.map(({ descriptor }): [Digest, Descriptor] => [descriptor.digest, descriptor]);
  await place.add({ records, blobs: new Map(descriptors), accounts }, { limits: {}, signal });
}
