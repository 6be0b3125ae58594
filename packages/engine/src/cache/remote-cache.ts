import { type Digest, fault } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import type { KnownListing } from '../stack/base-layer.ts';
import type { BaseBlob } from '../stack/layer.ts';
import type { RemoteLayer } from '../stack/travelled-layer.ts';
import type { CacheContents, MountSnapshotRecord, ResultRecord } from './cache-record.ts';
import {
  blameCache,
  type LoadCacheServices,
  type LoadedCache,
  loadCache,
  type OpenSource,
} from './loaded-cache.ts';

/** What a cache says of a step. */
export interface RemoteResult {
  /** undefined: it changed nothing. */
  readonly layer: RemoteLayer | undefined;
  /** Id of the layer, '' where nothing changed. */
  readonly id: Digest | '';
  /** Milliseconds that it took where it ran; undefined: not known. */
  readonly ms: number | undefined;
  /** Name of the cache. */
  readonly from: string;
}

export interface RemoteMount {
  readonly record: MountSnapshotRecord;
  readonly blobs: ReadonlyMap<Digest, Descriptor>;
  readonly from: string;
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** Leaves the snapshot alone from now on. */
  leave(): void;
}

/** The caches that a build reads, in their order. What they say is fetched once, before the first question is answered. */
export interface RemoteCache {
  result(kind: ResultRecord['kind'], key: string): Promise<RemoteResult | undefined>;
  /** The id alone, where nothing else of the layer has to be there. */
  resultId(
    kind: ResultRecord['kind'],
    key: string,
  ): Promise<{ readonly id: Digest | ''; readonly from: string } | undefined>;
  /** A layer's blob in this form. */
  exported(id: Digest, form: string): Promise<BaseBlob | undefined>;
  /** The layer, where the cache has its blob and its listing. */
  layer(id: Digest): Promise<RemoteLayer | undefined>;
  /** The listing of a base's layer. Its diff id does not tell whether it is the right one. */
  listing(diffId: Digest): Promise<KnownListing | undefined>;
  /** The latest snapshot of a mount. */
  mount(name: string): Promise<RemoteMount | undefined>;
  /** The fault for what this cache has said; the cache is left alone from now on. */
  blame(from: string, message: string): Error;
  /** Whether all that is taken from this cache was signed. */
  isVerified(from: string): boolean;
  /** Whether this cache turned out damaged. */
  isDamaged(from: string): boolean;
  /** What the cache at this place holds, as it was read. */
  contentsAt(name: string): Promise<CacheContents | undefined>;
}

export interface RemoteCacheOptions extends LoadCacheServices {
  readonly sources: readonly OpenSource[];
}

type Find<T> = (cache: LoadedCache) => T | undefined | Promise<T | undefined>;

export function createRemoteCache(options: RemoteCacheOptions): RemoteCache {
  const { signal, distrusted } = options;
  const caches = options.sources.map((source) => loadCache(source, options));
  const leftMounts = new Set<string>();

  /** The first answer, in the order of the caches. */
  async function first<T>(find: Find<T>): Promise<T | undefined> {
    for (const loading of caches) {
      const cache = await loading;
      if (cache === undefined || distrusted.has(cache.place.name)) continue;
      const found = await find(cache);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  const blame = (from: string, message: string): Error =>
    blameCache(from, fault('CACHE_DAMAGED', message), options);

  return {
    result: (kind, key) =>
      first(async (cache) => {
        const record = await cache.find(kind, key);
        if (record === undefined) return undefined;
        const { layer: id, ms } = record;
        const layer = id === '' ? undefined : await cache.layer(id);
        if (id !== '' && layer === undefined) return undefined;
        return { layer, id, ms, from: cache.place.name };
      }),
    resultId: (kind, key) =>
      first(async (cache) => {
        const record = await cache.find(kind, key);
        return record && { id: record.layer, from: cache.place.name };
      }),
    exported: (id, form) => first((cache) => cache.blob(id, form)),
    layer: (id) => first((cache) => cache.layer(id)),
    listing: (diffId) =>
      first(async (cache) => {
        const record = await cache.find('listing', diffId);
        if (record === undefined) return undefined;
        const index = await cache.listing(record);
        const from = cache.place.name;
        const wrong = () => blame(from, `the listing of the base's layer ${diffId} is another one's`);
        return { index, from, wrong };
      }),
    mount: (name) =>
      first(async ({ place, contents, source, find, open }) => {
        const left = `${place.name} ${name}`;
        const record = source.mounts && !leftMounts.has(left) ? await find('mount', name) : undefined;
        return (
          record && {
            record,
            blobs: contents.blobs,
            from: place.name,
            open: (descriptor) => open(descriptor, signal),
            leave: () => void leftMounts.add(left),
          }
        );
      }),
    blame,
    isVerified: (from) =>
      options.sources.every(({ place, source }) => place.name !== from || source.verify.length > 0),
    isDamaged: (from) => distrusted.has(from),
    contentsAt: async (name) =>
      (await Promise.all(caches)).find((cache) => cache?.place.name === name)?.contents,
  };
}
