import { createReadStream } from 'node:fs';
import type { Digest } from '@onebuild/core';
import { canonicalJson, type Descriptor, digestOf } from '@onebuild/oci';
import type { PushBlob } from '@onebuild/registry/client';
import type { CacheTarget } from '../build-options.ts';
import type { ImageLayer } from '../build/export-layers.ts';
import { allEnded } from '../graph/all-ended.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import { skipBytes } from '../output/skip-bytes.ts';
import type { Layer } from '../stack/layer.ts';
import type { Store } from '../store/store.ts';
import type { StepTrace } from './cache-trail.ts';
import { cacheTypes } from './cache-media-types.ts';
import type { CachePlace } from './cache-place.ts';
import { type CacheContents, type CacheRecord, recordKey, type ResultRecord } from './cache-record.ts';
import { packListing } from './read-listing.ts';

/** A step with what has to travel of it. */
export interface ExportedStep {
  readonly trace: StepTrace;
  /** No image has its layer: whichever blob the cache has of it will do. */
  readonly isInside: boolean;
  /** Its layer in the forms that images have it, or in one for the cache alone; empty: its name is enough. */
  readonly blobs: () => Promise<readonly ImageLayer[]>;
}

/** What a build leaves in one cache. */
export interface ExportCacheJob {
  readonly place: CachePlace;
  readonly target: CacheTarget;
  readonly steps: readonly ExportedStep[];
  /** Layers of bases whose listings are worth having. */
  readonly bases: readonly Layer[];
  /** Records of cache mounts, with their blobs in the cache. */
  readonly mounts: Pick<CacheContents, 'records' | 'blobs'> | undefined;
  /** What the cache held when the build began, as {@link ownContents}; undefined: nothing, or nobody looked. */
  readonly known: CacheContents | undefined;
}

export interface ExportCacheServices {
  readonly store: Store;
  readonly signal: AbortSignal;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
  /** Repositories of this registry that hold the blob. */
  readonly mountFrom: (registry: string, blob: ImageLayer) => readonly string[];
  /** Whether the blob is in the repository already, as far as this store knows. */
  readonly isThere: (registry: string, repository: string, digest: Digest) => boolean;
  readonly onSent: (bytes: number) => void;
}

const dayMs = 86_400_000;
/** Blobs that go at once. */
const atOnce = 6;

/** What of a cache its writer may build on: all, or, where he signs, what he signed. Of blobs all: they are what their digests say. */
export async function ownContents(contents: CacheContents, target: CacheTarget): Promise<CacheContents> {
  const { isOurs } = await createSigner(target);
  return { ...contents, records: contents.records.filter((record) => isOurs(record)) };
}

/** Makes the records of a cache, and puts their blobs where it lies. @returns what is new there */
export async function collectCache(
  job: ExportCacheJob,
  services: ExportCacheServices,
): Promise<Pick<CacheContents, 'records' | 'blobs'>> {
  const { place, target, known } = job;
  const used = Math.floor(services.now / dayMs);
  const records = new Map<string, CacheRecord>();
  const blobs = new Map<Digest, Descriptor>();
  const signer = await createSigner(target);
  const before = new Map(known?.records.map((record) => [recordKey(record), record]));
  const places = createSemaphore(atOnce);
  const put = (blob: PushBlob, mountFrom: readonly string[] = []): Promise<void> =>
    places.use(async () => {
      const { descriptor } = blob;
      blobs.set(descriptor.digest, descriptor);
      if (known?.blobs.has(descriptor.digest) === true) return;
      const { repository } = place;
      if (repository && services.isThere(repository.registry, repository.repository, descriptor.digest))
        return;
      const { sentBytes } = await place.put(blob, { signal: services.signal, mountFrom });
      services.onSent(sentBytes);
    });
  const add = (record: CacheRecord): void => {
    const key = recordKey(record);
    records.set(key, { ...record, used: Math.max(record.used, before.get(key)?.used ?? 0) });
  };

  /** One that is there already stays, with its blob; else `make` gives it. */
  async function keepOr(key: string, make: () => Promise<CacheRecord>): Promise<void> {
    const old = before.get(key);
    const blob = old !== undefined && 'blob' in old ? known?.blobs.get(old.blob) : undefined;
    if (old === undefined || blob === undefined) {
      add(await make());
      return;
    }
    blobs.set(blob.digest, blob);
    add({ ...old, used });
  }

  async function putListing(id: Digest, layer: Layer): Promise<void> {
    await keepOr(`listing ${id}`, async () => {
      const bytes = await packListing((await layer.load()).index);
      const descriptor = { mediaType: cacheTypes.listing, digest: digestOf(bytes), size: bytes.byteLength };
      await put({ descriptor, open: (offset) => oneChunk(bytes.subarray(offset)) });
      return { kind: 'listing', key: id, blob: descriptor.digest, used };
    });
  }

  async function putLayer(layer: ImageLayer, form: string): Promise<void> {
    const { descriptor, diffId } = layer;
    const id = layer.layer.id;
    await keepOr(`blob ${id} ${form}`, async () => {
      const mountFrom = place.repository ? services.mountFrom(place.repository.registry, layer) : [];
      await put({ descriptor, open: (offset) => openLayer(layer, services, offset) }, mountFrom);
      return { kind: 'blob', key: id, form, blob: descriptor.digest, diffId, used };
    });
  }

  async function putStepLayer(layer: Layer, { isInside, blobs: blobsOf }: ExportedStep): Promise<void> {
    const there = isInside
      ? known?.records.find((record) => record.kind === 'blob' && record.key === layer.id)
      : undefined;
    if (there !== undefined) {
      await keepOr(recordKey(there), async () => there);
      await putListing(layer.id, layer);
      return;
    }
    const made = await blobsOf();
    for (const one of made) if (one.form !== undefined) await putLayer(one, one.form);
    if (made.length > 0) await putListing(layer.id, layer);
  }

  await allEnded([
    ...job.steps.map(async (step) => {
      const { layer, ms } = step.trace;
      const day = dayOfResult(step.trace, before);
      if (day === undefined) return;
      if (layer !== undefined) await putStepLayer(layer, step);
      add({ ...resultOf(step.trace), ...(ms !== undefined && { ms }), used: Math.max(used, day) });
    }),
    ...job.bases.map((layer) => putListing(layer.id, layer)),
  ]);
  for (const record of job.mounts?.records ?? []) add(record);
  for (const [digest, descriptor] of job.mounts?.blobs ?? []) blobs.set(digest, descriptor);
  const isNews = (record: CacheRecord) => !saysTheSame(before.get(recordKey(record)), record);
  const all = [...records.values()];
  return { records: all.some(isNews) ? all.map((record) => signer.sign(record)) : [], blobs };
}

function resultOf({ kind, key, layer }: StepTrace): Pick<ResultRecord, 'kind' | 'key' | 'layer'> {
  return { kind, key: key as Digest, layer: layer?.id ?? '' };
}

/**
 * The first day on which this result of a step counts for more than another one that the cache has: what was run anew takes its place.
 * undefined: the other one stays, or two stores that each have their own would replace one another's for ever.
 */
function dayOfResult(trace: StepTrace, before: ReadonlyMap<string, CacheRecord>): number | undefined {
  const { kind, key, layer } = resultOf(trace);
  const old = before.get(`${kind} ${key}`);
  if (kind !== 'exec' || old === undefined || !('layer' in old) || old.layer === layer) return 0;
  return trace.ran === true ? old.used + 1 : undefined;
}

/** Whether writing the record would change nothing that matters. */
function saysTheSame(old: CacheRecord | undefined, record: CacheRecord): boolean {
  const text = (one: CacheRecord) => canonicalJson({ ...one, sig: undefined, ms: undefined });
  return old !== undefined && text(old) === text(record);
}

interface Signer {
  /** Whether a record of the cache can stay as it is. */
  isOurs(record: CacheRecord): boolean;
  sign(record: CacheRecord): CacheRecord;
}

async function createSigner({ sign }: CacheTarget): Promise<Signer> {
  if (sign === undefined) return { isOurs: () => true, sign: (record) => record };
  const { isSigned, publicKeyOf, signRecord } = await import('./sign-record.ts');
  const keys = [publicKeyOf(sign)];
  return {
    isOurs: (record) => isSigned(record, keys),
    sign: (record) => (isSigned(record, keys) ? record : signRecord(record, sign)),
  };
}

async function* oneChunk(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

async function* openLayer(
  { descriptor, source }: ImageLayer,
  { store, signal }: ExportCacheServices,
  offset: number,
): AsyncGenerator<Uint8Array> {
  if (source !== undefined && (await store.blobs.size(descriptor.digest)) === undefined) {
    yield* skipBytes(source.open(signal), offset);
    return;
  }
  const path = store.blobs.path(descriptor.digest);
  yield* createReadStream(path, { start: offset, highWaterMark: 1 << 20, signal });
}
