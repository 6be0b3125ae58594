import { type BuildFact, type Digest, fault, isFault, toFault } from '@onebuild/core';
import type { Descriptor, LayerIndex } from '@onebuild/oci';
import type { CacheSource } from '../build-options.ts';
import type { BaseBlob } from '../stack/layer.ts';
import type { RemoteLayer } from '../stack/travelled-layer.ts';
import { type CacheCosts, counted, timed } from './cache-costs.ts';
import type { CachePlace } from './cache-place.ts';
import type {
  BlobRecord,
  CacheContents,
  CacheRecord,
  ListingRecord,
  MountSnapshotRecord,
  ResultRecord,
} from './cache-record.ts';
import { collectBytes } from './collect-bytes.ts';
import { readListing } from './read-listing.ts';

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
  /** The listing of a base's layer. */
  listing(diffId: Digest): Promise<LayerIndex | undefined>;
  /** The latest snapshot of a mount. */
  mount(name: string): Promise<RemoteMount | undefined>;
  /** The fault for what this cache has said; the cache is left alone from now on. */
  blame(from: string, message: string): Error;
  /** What the cache at this place holds, as it was read. */
  contentsAt(name: string): Promise<CacheContents | undefined>;
}

/** A place with how far it is trusted. */
export interface OpenSource {
  readonly place: CachePlace;
  readonly source: Pick<CacheSource, 'verify' | 'mounts'>;
}

export interface RemoteCacheOptions {
  readonly sources: readonly OpenSource[];
  readonly costs: CacheCosts;
  readonly signal: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
  /** Names of places that turned out damaged. */
  readonly distrusted: Set<string>;
}

interface Loaded extends OpenSource {
  readonly contents: CacheContents;
  readonly byKey: ReadonlyMap<string, CacheRecord>;
  readonly byLayer: ReadonlyMap<string, readonly BlobRecord[]>;
}

type Find<T> = (loaded: Loaded) => T | undefined | Promise<T | undefined>;

export function createRemoteCache(options: RemoteCacheOptions): RemoteCache {
  const { costs, signal, distrusted, emit } = options;
  const sources = options.sources.map((source) => load(source));
  const leftMounts = new Set<string>();

  async function load(source: OpenSource): Promise<Loaded | undefined> {
    const { place } = source;
    try {
      const contents = await timed(costs, 'fetchMs', () =>
        place.read(signal, (bytes) => {
          costs.fetchedBytes += bytes;
        }),
      );
      if (contents === undefined) return undefined;
      const byKey = new Map(contents.records.map((record) => [`${record.kind} ${record.key}`, record]));
      const blobs = contents.records.filter((record) => record.kind === 'blob');
      return { ...source, contents, byKey, byLayer: Map.groupBy(blobs, ({ key }) => key) };
    } catch (error) {
      if (isFault(error, 'CANCELED') || signal.aborted) return undefined;
      const { message } = toFault(error);
      const told = message.includes(place.name) ? message : `${place.name}: ${message}`;
      emit({ type: 'warning', rule: 'CacheUnread', message: `a cache is not used: ${told}` });
      return undefined;
    }
  }

  /** The first answer, in the order of the caches. */
  async function first<T>(find: Find<T>): Promise<T | undefined> {
    for (const source of sources) {
      const loaded = await source;
      if (loaded === undefined || distrusted.has(loaded.place.name)) continue;
      const found = await find(loaded);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Whatever is wrong with a cache is no reason for a build to fail: the build begins again without it. */
  async function guarded<T>({ place }: Loaded, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (signal.aborted || isFault(error, 'CANCELED', 'DISK_FULL')) throw error;
      throw blame(place.name, error);
    }
  }

  function blame(cache: string, cause: unknown): Error {
    distrusted.add(cache);
    return fault('CACHE_DAMAGED', `${cache}: ${toFault(cause).message}`, { details: { cache }, cause });
  }

  const streams = ({ place }: Loaded, descriptor: Descriptor, abort: AbortSignal) =>
    counted(costs, place.open(descriptor, abort));

  async function trusted<T extends CacheRecord>(
    { source }: Loaded,
    record: T | undefined,
  ): Promise<T | undefined> {
    if (record === undefined || source.verify.length === 0) return record;
    const { isSigned } = await import('./sign-record.ts');
    return isSigned(record, source.verify) ? record : undefined;
  }

  function baseBlob(loaded: Loaded, { blob, diffId }: BlobRecord): BaseBlob | undefined {
    const descriptor = loaded.contents.blobs.get(blob);
    if (descriptor === undefined) return undefined;
    const { repository } = loaded.place;
    return {
      descriptor,
      diffId,
      ...(repository !== undefined && { repository }),
      open: (abort) => streams(loaded, descriptor, abort),
    };
  }

  async function fetchListing(loaded: Loaded, record: ListingRecord, id?: Digest): Promise<LayerIndex> {
    return guarded(loaded, () =>
      timed(costs, 'fetchMs', async () => {
        const descriptor = loaded.contents.blobs.get(record.blob);
        if (descriptor === undefined) throw fault('CACHE_DAMAGED', `it lacks listing ${record.blob}`);
        return readListing(await collectBytes(streams(loaded, descriptor, signal)), id);
      }),
    );
  }

  async function layerIn(loaded: Loaded, id: Digest): Promise<RemoteLayer | undefined> {
    const listing = await trusted(loaded, loaded.byKey.get(`listing ${id}`) as ListingRecord | undefined);
    if (listing === undefined) return undefined;
    for (const record of loaded.byLayer.get(id) ?? []) {
      const blob = (await trusted(loaded, record)) && baseBlob(loaded, record);
      if (blob === undefined) continue;
      return {
        id,
        blob,
        listing: () => fetchListing(loaded, listing, id),
        unpack: (work) => guarded(loaded, () => timed(costs, 'restoreMs', work)),
      };
    }
    return undefined;
  }

  async function resultIn(
    loaded: Loaded,
    kind: ResultRecord['kind'],
    key: string,
  ): Promise<ResultRecord | undefined> {
    return trusted(loaded, loaded.byKey.get(`${kind} ${key}`) as ResultRecord | undefined);
  }

  return {
    result: (kind, key) =>
      first(async (loaded) => {
        const record = await resultIn(loaded, kind, key);
        if (record === undefined) return undefined;
        const { layer: id, ms } = record;
        const layer = id === '' ? undefined : await layerIn(loaded, id);
        if (id !== '' && layer === undefined) return undefined;
        return { layer, id, ms, from: loaded.place.name };
      }),
    resultId: (kind, key) =>
      first(async (loaded) => {
        const record = await resultIn(loaded, kind, key);
        return record && { id: record.layer, from: loaded.place.name };
      }),
    exported: (id, form) =>
      first(async (loaded) => {
        const record = loaded.byLayer.get(id)?.find((blob) => blob.form === form);
        const known = await trusted(loaded, record);
        return known && baseBlob(loaded, known);
      }),
    layer: (id) => first((loaded) => layerIn(loaded, id)),
    listing: (diffId) =>
      first(async (loaded) => {
        const record = await trusted(
          loaded,
          loaded.byKey.get(`listing ${diffId}`) as ListingRecord | undefined,
        );
        return record && fetchListing(loaded, record);
      }),
    mount: (name) =>
      first(async (loaded) => {
        const { place, contents, source } = loaded;
        const left = `${place.name} ${name}`;
        if (!source.mounts || leftMounts.has(left)) return undefined;
        const record = await trusted(
          loaded,
          loaded.byKey.get(`mount ${name}`) as MountSnapshotRecord | undefined,
        );
        return (
          record && {
            record,
            blobs: contents.blobs,
            from: place.name,
            open: (descriptor) => streams(loaded, descriptor, signal),
            leave: () => void leftMounts.add(left),
          }
        );
      }),
    blame: (from, message) => blame(from, fault('CACHE_DAMAGED', message)),
    contentsAt: async (name) =>
      (await Promise.all(sources)).find((loaded) => loaded?.place.name === name)?.contents,
  };
}
