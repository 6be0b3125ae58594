import { fault, isFault, withFact } from '@onebuild/core';
import { type Descriptor, formatReference, type Reference } from '@onebuild/oci';
import type { PushBlob, RegistryClient, Repository } from '@onebuild/registry/client';
import type { AssembledImage } from '../build/assemble-image.ts';
import type { ExportSet } from './export-image.ts';

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
 * the tags, no tag has moved anywhere.
 */
export async function pushImages(set: PushSet, options: PushOptions): Promise<PushReport> {
  const repositories = groupByRepository(set.names);
  const before = tagsBefore(repositories, options);
  before.catch(() => undefined);
  const registries = Map.groupBy(
    repositories.map(([repository]) => repository),
    ({ registry }) => registry,
  );
  const reports = await Promise.all(
    [...registries.values()].map((targets) => pushBlobs(set, targets, options)),
  );
  const { registry, signal } = options;
  await Promise.all(
    repositories.map(async ([repository]) => {
      for (const { manifest } of set.images) {
        const { bytes, descriptor } = manifest;
        await registry.pushManifest(repository, { bytes, mediaType: descriptor.mediaType }, { signal });
      }
      if (set.index !== undefined) {
        const { bytes, descriptor } = set.index;
        await registry.pushManifest(repository, { bytes, mediaType: descriptor.mediaType }, { signal });
      }
    }),
  );
  const top = set.index ?? set.images[0]?.manifest;
  if (top === undefined) throw fault('INTERNAL', 'there is nothing to push');
  await moveTags(repositories, { ...top, mediaType: top.descriptor.mediaType }, await before, options);
  const sum = (of: (report: PushReport) => number) =>
    reports.reduce((total, report) => total + of(report), 0);
  return {
    sentBytes: sum((report) => report.sentBytes),
    reusedBytes: sum((report) => report.reusedBytes),
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
          found.set(formatReference(reference), await registry.resolve(reference, { signal }));
        } catch (error) {
          if (!isFault(error, 'MANIFEST_NOT_FOUND', 'REGISTRY_DENIED', 'REGISTRY_UNAUTHORIZED')) throw error;
          found.set(formatReference(reference), undefined);
        }
      }),
    ),
  );
  return found;
}

/** Moves all tags; when one cannot be moved, those that were go back to what they named before. */
async function moveTags(
  repositories: RepositoryTags,
  top: { readonly bytes: Uint8Array; readonly mediaType: string },
  before: ReadonlyMap<string, Descriptor | undefined>,
  { registry, signal }: PushOptions,
): Promise<void> {
  const all = repositories.flatMap(([repository, tags]) => tags.map((tag) => ({ repository, tag })));
  const results = await Promise.allSettled(
    all.map(({ repository, tag }) => registry.pushManifest(repository, { ...top, tag }, { signal })),
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return;
  await Promise.allSettled(
    all.map(async ({ repository, tag }, at) => {
      if (results[at]?.status !== 'fulfilled') return;
      const old = before.get(formatReference({ ...repository, tag }));
      if (old === undefined) {
        await registry.deleteManifest({ ...repository, tag });
        return;
      }
      const { bytes } = await registry.manifest({ ...repository, digest: old.digest });
      await registry.pushManifest(repository, { bytes, mediaType: old.mediaType, tag });
    }),
  );
  throw withFact(failure.reason, 'a tag could not be moved; the others are back where they were');
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
  options: PushOptions,
): Promise<PushReport> {
  const [first, ...others] = repositories;
  if (first === undefined) throw fault('INTERNAL', 'there is no repository to push to');
  const jobs = blobJobs(set, first.registry, options.signal);
  const total = jobs.reduce((sum, { blob }) => sum + blob.descriptor.size, 0) * repositories.length;
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
  const pushed = await Promise.all(
    jobs.map(async (job) => {
      const sent = await push(first, job, []);
      const mounted = others.map((repository) => push(repository, job, [first.repository]));
      return [sent, ...(await Promise.all(mounted))];
    }),
  );
  const all = pushed.flat();
  return {
    sentBytes: all.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    reusedBytes: all.reduce((sum, { how, size }) => sum + (how === 'sent' ? 0 : size), 0),
    mounted: all.filter(({ how }) => how === 'mounted').length,
  };
}

/** Every blob of the images once, but layers that may not be distributed. */
function blobJobs(set: PushSet, registry: string, signal: AbortSignal): readonly BlobJob[] {
  const jobs = new Map<string, BlobJob>();
  for (const image of set.images) {
    image.layers.forEach((layer, at) => {
      const { descriptor } = layer;
      if (/nondistributable|foreign/.test(descriptor.mediaType)) return;
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
