import { fault, isFault, withFact } from '@onebuild/core';
import { type Descriptor, formatReference, type Reference } from '@onebuild/oci';
import type { PushBlob, RegistryClient, Repository } from '@onebuild/registry/client';
import type { AssembledImage } from '../build/assemble-image.ts';
import type { ExportSet } from './export-image.ts';
import { createPushGroup, type PushGroup } from './push-group.ts';

export interface PushSet extends ExportSet {
  readonly images: readonly AssembledImage[];
}

export interface PushOptions {
  readonly registry: RegistryClient;
  readonly signal: AbortSignal;
  /** Bytes on their way, over all blobs. */
  readonly onProgress: (sent: number, total: number) => void;
}

export interface PushReport {
  readonly sentBytes: number;
  readonly reusedBytes: number;
  readonly mounted: number;
}

/**
 * Pushes to all names: blobs of all repositories first, then manifests by digest, then the tags. Where one registry fails before
 * the tags, no tag has moved anywhere. A repository whose tags all name this image has it, and is asked nothing more.
 */
export async function pushImages(set: PushSet, options: PushOptions): Promise<PushReport> {
  const group = createPushGroup(options.signal);
  const inside = { ...options, signal: group.signal };
  const top = set.index ?? set.images[0]?.manifest;
  if (top === undefined) throw fault('INTERNAL', 'there is nothing to push');
  const all = groupByRepository(set.names);
  const [before] = await group.all([tagsBefore(all, inside)]);
  const isCurrent = ([repository, tags]: RepositoryTags[number]) =>
    tags.length > 0 &&
    tags.every(
      (tag) => before.get(formatReference({ ...repository, tag }))?.digest === top.descriptor.digest,
    );
  const repositories = all.filter((place) => !isCurrent(place));
  const registries = Map.groupBy(
    repositories.map(([repository]) => repository),
    ({ registry }) => registry,
  );
  const reports = await group.all(
    [...registries.values()].map((targets) => pushBlobs(set, targets, { ...inside, group })),
  );
  await group.all(repositories.map(([repository]) => pushManifests(set, repository, inside)));
  await moveTags(repositories, top, before, options);
  const sum = (of: (report: PushReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  const there = imageBytes(set) * (all.length - repositories.length);
  return {
    sentBytes: sum((report) => report.sentBytes),
    reusedBytes: sum((report) => report.reusedBytes) + there,
    mounted: sum((report) => report.mounted),
  };
}

type RepositoryTags = readonly (readonly [repository: Repository, tags: readonly string[]])[];

/** What each tag names now; undefined where it is not there. */
async function tagsBefore(
  repositories: RepositoryTags,
  { registry, signal }: PushOptions,
): Promise<ReadonlyMap<string, Descriptor | undefined>> {
  const found = new Map<string, Descriptor | undefined>();
  await Promise.all(
    repositories.flatMap(([repository, tags]) =>
      tags.map(async (tag) => {
        const reference = { ...repository, tag };
        try {
          found.set(
            formatReference(reference),
            await registry.resolve(reference, { signal, purpose: 'push' }),
          );
        } catch (error) {
          if (!isFault(error, 'MANIFEST_NOT_FOUND', 'REGISTRY_DENIED', 'REGISTRY_UNAUTHORIZED')) throw error;
          found.set(formatReference(reference), undefined);
        }
      }),
    ),
  );
  return found;
}

async function pushManifests(
  set: PushSet,
  repository: Repository,
  { registry, signal }: PushOptions,
): Promise<void> {
  const manifests = set.images.map(({ manifest }) => manifest);
  for (const { bytes, descriptor } of set.index === undefined ? manifests : [...manifests, set.index]) {
    await registry.pushManifest(repository, { bytes, mediaType: descriptor.mediaType }, { signal });
  }
}

interface Top {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** Moves all tags; when one cannot be moved, those that were go back to what they named before. */
async function moveTags(
  repositories: RepositoryTags,
  { bytes, descriptor }: Top,
  before: ReadonlyMap<string, Descriptor | undefined>,
  { registry, signal }: PushOptions,
): Promise<void> {
  const all = repositories.flatMap(([repository, tags]) => tags.map((tag) => ({ ...repository, tag })));
  const { mediaType, digest } = descriptor;
  const results = await Promise.allSettled(
    all.map((place) => registry.pushManifest(place, { bytes, mediaType, tag: place.tag }, { signal })),
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return;
  const stuck = await Promise.all(
    all.map(async (place, at) => {
      const name = formatReference(place);
      try {
        // an answer that was lost says nothing about the tag
        if (
          results[at]?.status !== 'fulfilled' &&
          (await registry.resolve(place, { purpose: 'push' })).digest !== digest
        )
          return [];
        await putBack(registry, place, before.get(name));
        return [];
      } catch (error) {
        return isFault(error, 'MANIFEST_NOT_FOUND') ? [] : [name];
      }
    }),
  );
  const names = stuck.flat().join(', ');
  const state = names === '' ? 'none has moved' : `these may have moved all the same: ${names}`;
  throw withFact(failure.reason, `the tags could not all be moved; ${state}`);
}

async function putBack(
  registry: RegistryClient,
  place: Repository & { readonly tag: string },
  old: Descriptor | undefined,
): Promise<void> {
  if (old === undefined) {
    await registry.deleteManifest(place);
    return;
  }
  const { tag, ...repository } = place;
  const { bytes } = await registry.manifest({ ...repository, digest: old.digest });
  await registry.pushManifest(repository, { bytes, mediaType: old.mediaType, tag });
}

function groupByRepository(names: readonly Reference[]): RepositoryTags {
  const groups = new Map<string, readonly [Repository, string[]]>();
  for (const { registry, repository, tag } of names) {
    const key = `${registry}/${repository}`;
    const group = groups.get(key) ?? ([{ registry, repository }, []] as const);
    groups.set(key, group);
    if (tag !== undefined && !group[1].includes(tag)) group[1].push(tag);
  }
  return [...groups.values()];
}

interface BlobJob {
  readonly blob: PushBlob;
  /** Where the base's layer is, when it is in this registry. */
  readonly origin: string | undefined;
}

/** To all repositories of one registry: a blob is sent to the first one, and mounted from there by the others. */
async function pushBlobs(
  set: PushSet,
  repositories: readonly Repository[],
  options: PushOptions & { readonly group: PushGroup },
): Promise<PushReport> {
  const [first, ...others] = repositories;
  if (first === undefined) throw fault('INTERNAL', 'there is no repository to push to');
  const jobs = blobJobs(set, first.registry, options.signal);
  const total = imageBytes(set) * repositories.length;
  const moved = new Map<string, number>();
  const push = async (repository: Repository, { blob, origin }: BlobJob, from: readonly string[]) => {
    const { digest, size } = blob.descriptor;
    const mountFrom = [...from, ...(origin === undefined ? [] : [origin])];
    try {
      const result = await options.registry.pushBlob(repository, blob, {
        signal: options.signal,
        mountFrom: mountFrom.filter((name) => name !== repository.repository),
        onProgress: (bytes) => {
          moved.set(`${repository.repository} ${digest}`, bytes);
          options.onProgress(
            [...moved.values()].reduce((a, b) => a + b, 0),
            total,
          );
        },
      });
      return { ...result, size };
    } catch (error) {
      throw withFact(error, `push to ${formatReference(repository)}`);
    }
  };
  const { group } = options;
  const pushed = await group.all(
    jobs.map(async (job) => {
      const sent = await push(first, job, []);
      return [
        sent,
        ...(await group.all(others.map((repository) => push(repository, job, [first.repository])))),
      ];
    }),
  );
  const all = pushed.flat();
  return {
    sentBytes: all.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    reusedBytes: all.reduce((sum, { how, size }) => sum + (how === 'sent' ? 0 : size), 0),
    mounted: all.filter(({ how }) => how === 'mounted').length,
  };
}

/** Of all blobs that are pushed. */
function imageBytes(set: PushSet): number {
  const sizes = new Map<string, number>();
  for (const { layers, config } of set.images) {
    for (const { descriptor } of [...layers.filter(isDistributable), config]) {
      sizes.set(descriptor.digest, descriptor.size);
    }
  }
  return sizes.values().reduce((sum, size) => sum + size, 0);
}

function isDistributable({ descriptor }: { readonly descriptor: Descriptor }): boolean {
  return !/nondistributable|foreign/.test(descriptor.mediaType);
}

/** Every blob of the images once, but layers that may not be distributed. */
function blobJobs(set: PushSet, registry: string, signal: AbortSignal): readonly BlobJob[] {
  const jobs = new Map<string, BlobJob>();
  for (const image of set.images) {
    image.layers.forEach((layer, at) => {
      const { descriptor } = layer;
      if (!isDistributable(layer)) return;
      const from = image.imageLayers[at]?.layer.base?.repository;
      jobs.set(descriptor.digest, {
        blob: { descriptor, open: (offset) => skip(layer.open(signal), offset) },
        origin: from?.registry === registry ? from.repository : undefined,
      });
    });
    const { descriptor, bytes } = image.config;
    jobs.set(descriptor.digest, { blob: bytesBlob(descriptor, bytes), origin: undefined });
  }
  return [...jobs.values()];
}

function bytesBlob(descriptor: Descriptor, bytes: Uint8Array): PushBlob {
  return {
    descriptor,
    async *open(offset) {
      yield bytes.subarray(offset);
    },
  };
}

/** The stream from `offset` on; uploads that are taken up again are rare, so what is before is read and dropped. */
async function* skip(source: AsyncIterable<Uint8Array>, offset: number): AsyncGenerator<Uint8Array> {
  let rest = offset;
  for await (const chunk of source) {
    if (chunk.byteLength <= rest) rest -= chunk.byteLength;
    else {
      yield rest === 0 ? chunk : chunk.subarray(rest);
      rest = 0;
    }
  }
}
