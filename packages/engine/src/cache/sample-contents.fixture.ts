import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf, mediaTypes } from '@onebuild/oci';
import type { PushBlob } from '@onebuild/registry/client';
import { cacheTypes } from './cache-media-types.ts';
import type { CachePlace } from './cache-place.ts';
import type { CacheContents, CacheRecord } from './cache-record.ts';

export const { signal } = new AbortController();
export const today = 20_000;

/** A blob whose bytes say its name. */
export function sampleBlob(name: string, mediaType: string = mediaTypes.ociLayerGzip): PushBlob {
  const bytes = Buffer.from(`content of ${name}`);
  return {
    descriptor: { mediaType, digest: digestOf(bytes), size: bytes.length },
    async *open(offset) {
      yield bytes.subarray(offset);
    },
  };
}

export interface Sample {
  readonly contents: CacheContents;
  readonly blobs: readonly PushBlob[];
}

/** A step, its layer with listing and blob, a base's listing and a cache mount. */
export function sampleContents(name: string, used: number = today): Sample {
  const listing = sampleBlob(`${name} listing`, cacheTypes.listing);
  const layer = sampleBlob(`${name} layer`);
  const base = sampleBlob('base listing', cacheTypes.listing);
  const mount = sampleBlob(`${name} mount`, cacheTypes.mount);
  const pack = sampleBlob(`${name} pack`, cacheTypes.pack);
  const id = digestOf(`${name} id`);
  const records: readonly CacheRecord[] = [
    { kind: 'exec', key: digestOf(`${name} key`), layer: id, ms: 1200, used },
    { kind: 'copy', key: digestOf(`${name} nothing`), layer: '', used },
    { kind: 'listing', key: id, blob: listing.descriptor.digest, used },
    { kind: 'blob', key: id, form: 'gzip 6', blob: layer.descriptor.digest, diffId: digestOf(name), used },
    { kind: 'listing', key: digestOf('base'), blob: base.descriptor.digest, used },
    {
      kind: 'mount',
      key: `mount of ${name}`,
      id: '/root/.m2',
      blob: mount.descriptor.digest,
      packs: [pack.descriptor.digest],
      at: used * 86_400,
      bytes: 5,
      used,
    },
  ];
  return contentsOf(records, [listing, layer, base, mount, pack]);
}

export function contentsOf(records: readonly CacheRecord[], blobs: readonly PushBlob[]): Sample {
  const descriptors = blobs.map(({ descriptor }): [Digest, Descriptor] => [descriptor.digest, descriptor]);
  return { contents: { records, blobs: new Map(descriptors), accounts: [] }, blobs };
}

/** What a build does: blobs first, then what names them. */
export async function addSample(place: CachePlace, { contents, blobs }: Sample): Promise<void> {
  for (const blob of blobs) await place.put(blob, { signal });
  await place.add(contents, { limits: {}, signal });
}
