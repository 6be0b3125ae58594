import { type BuildFact, type Digest, fault, isFault, toFault } from '@onebuild/core';
import type { Descriptor, LayerIndex } from '@onebuild/oci';
import type { CacheSource } from '../build-options.ts';
import type { BaseBlob } from '../stack/layer.ts';
import type { RemoteLayer } from '../stack/travelled-layer.ts';
import { type CacheCosts, counted, timed } from './cache-costs.ts';
import type { CachePlace } from './cache-place.ts';
import type { BlobRecord, CacheContents, CacheRecord, ListingRecord } from './cache-record.ts';
import { collectBytes } from './collect-bytes.ts';
import { readListing } from './read-listing.ts';

/** A place with how far it is trusted. */
export interface OpenSource {
  readonly place: CachePlace;
  readonly source: Pick<CacheSource, 'verify' | 'mounts'>;
}

export interface LoadCacheServices {
  readonly costs: CacheCosts;
  readonly signal: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
  /** Names of places that turned out damaged. */
  readonly distrusted: Set<string>;
}

type RecordOf<K extends CacheRecord['kind']> = Extract<CacheRecord, { readonly kind: K }>;

/** What a cache said when it was read; what its source does not trust is not in it. */
export interface LoadedCache extends OpenSource {
  readonly contents: CacheContents;
  find<K extends Exclude<CacheRecord['kind'], 'blob'>>(
    kind: K,
    key: string,
  ): Promise<RecordOf<K> | undefined>;
  /** A layer's blob in this form, for others to read; whatever is wrong with it is a fault of the cache. */
  blob(id: Digest, form: string): Promise<BaseBlob | undefined>;
  /** The layer, where there are a blob and a listing of it. */
  layer(id: Digest): Promise<RemoteLayer | undefined>;
  /** `id`: of the layer, where the listing decides over it. @throws CACHE_DAMAGED */
  listing(record: ListingRecord, id?: Digest): Promise<LayerIndex>;
  /** Streams a blob; its bytes count as fetched. */
  open(descriptor: Descriptor, signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** Reads a cache. One that cannot be read is a warning. */
export async function loadCache(
  opened: OpenSource,
  services: LoadCacheServices,
): Promise<LoadedCache | undefined> {
  const { place } = opened;
  const { costs, signal, emit, distrusted } = services;
  if (distrusted.has(place.name)) return undefined;
  try {
    const onBytes = (bytes: number): void => {
      costs.fetchedBytes += bytes;
    };
    const contents = await timed(costs, 'fetchMs', () => place.read(signal, onBytes));
    return contents && createLoadedCache({ ...opened, contents }, services);
  } catch (error) {
    if (isFault(error, 'CANCELED') || signal.aborted) return undefined;
    const { message } = toFault(error);
    const told = message.includes(place.name) ? message : `${place.name}: ${message}`;
    emit({ type: 'warning', rule: 'CacheUnread', message: `a cache is not used: ${told}` });
    return undefined;
  }
}

/** The fault of a cache that turned out damaged, which is left alone from now on: a build begins again without it. */
export function blameCache(
  name: string,
  cause: unknown,
  { distrusted }: Pick<LoadCacheServices, 'distrusted'>,
): Error {
  distrusted.add(name);
  return fault('CACHE_DAMAGED', `${name}: ${toFault(cause).message}`, { details: { cache: name }, cause });
}

function createLoadedCache(
  read: OpenSource & { readonly contents: CacheContents },
  services: LoadCacheServices,
): LoadedCache {
  const { place, source, contents } = read;
  const { costs, signal } = services;
  const byKey = new Map(contents.records.map((record) => [`${record.kind} ${record.key}`, record]));
  const blobs = contents.records.filter((record) => record.kind === 'blob');
  const byLayer = Map.groupBy(blobs, ({ key }) => key);

  async function trusted<T extends CacheRecord>(record: T | undefined): Promise<T | undefined> {
    if (record === undefined || source.verify.length === 0) return record;
    const { isSigned } = await import('./sign-record.ts');
    return isSigned(record, source.verify) ? record : undefined;
  }

  const find: LoadedCache['find'] = async (kind, key) => {
    const record = byKey.get(`${kind} ${key}`);
    return trusted(record?.kind === kind ? (record as RecordOf<typeof kind>) : undefined);
  };

  /** Whatever is wrong with a cache is no reason for a build to fail. */
  function blamed(error: unknown): unknown {
    if (signal.aborted || isFault(error, 'CANCELED', 'DISK_FULL')) return error;
    return blameCache(place.name, error, services);
  }

  async function guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw blamed(error);
    }
  }

  const open: LoadedCache['open'] = (descriptor, abort) => counted(costs, place.open(descriptor, abort));

  async function* openGuarded(descriptor: Descriptor, abort: AbortSignal): AsyncGenerator<Uint8Array> {
    try {
      yield* open(descriptor, abort);
    } catch (error) {
      throw abort.aborted ? error : blamed(error);
    }
  }

  function baseBlob({ blob, diffId }: BlobRecord, opener: typeof open): BaseBlob | undefined {
    const descriptor = contents.blobs.get(blob);
    if (descriptor === undefined) return undefined;
    const { repository } = place;
    return {
      descriptor,
      diffId,
      ...(repository !== undefined && { repository }),
      open: (abort) => opener(descriptor, abort),
    };
  }

  const listing: LoadedCache['listing'] = (record, id) =>
    guarded(() =>
      timed(costs, 'fetchMs', async () => {
        const descriptor = contents.blobs.get(record.blob);
        if (descriptor === undefined) throw fault('CACHE_DAMAGED', `it lacks listing ${record.blob}`);
        return readListing(await collectBytes(open(descriptor, signal)), id);
      }),
    );

  return {
    ...read,
    find,
    open,
    listing,
    async blob(id, form) {
      const record = await trusted(byLayer.get(id)?.find((one) => one.form === form));
      return record && baseBlob(record, openGuarded);
    },
    async layer(id) {
      const listed = await find('listing', id);
      if (listed === undefined) return undefined;
      for (const one of byLayer.get(id) ?? []) {
        // what is damaged on the way is fetched again by whoever unpacks it
        const blob = (await trusted(one)) && baseBlob(one, open);
        if (blob === undefined) continue;
        const unpack: RemoteLayer['unpack'] = (work) => guarded(() => timed(costs, 'restoreMs', work));
        return { id, blob, listing: () => listing(listed, id), unpack };
      }
      return undefined;
    },
  };
}
