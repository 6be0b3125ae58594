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
  const reports = await Promise.all(repositories.map(([repository]) => pushBlobs(set, repository, options)));
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
  readonly mountFrom: readonly string[];
}

async function pushBlobs(set: PushSet, repository: Repository, options: PushOptions): Promise<PushReport> {
  const jobs = new Map<string, BlobJob>();
  for (const image of set.images) {
    image.layers.forEach((layer, at) => {
      if (
        layer.descriptor.mediaType.includes('nondistributable') ||
        layer.descriptor.mediaType.includes('foreign')
      )
        return;
      const from = image.imageLayers[at]?.layer.base?.repository;
      const mountFrom =
        from?.registry === repository.registry && from.repository !== repository.repository
          ? [from.repository]
          : [];
      const blob: PushBlob = {
        descriptor: layer.descriptor,
        open: (offset) => skip(layer.open(options.signal), offset),
      };
      jobs.set(layer.descriptor.digest, { blob, mountFrom });
    });
    const { descriptor, bytes } = image.config;
    jobs.set(descriptor.digest, { blob: bytesBlob(descriptor, bytes), mountFrom: [] });
  }
  const total = [...jobs.values()].reduce((sum, { blob }) => sum + blob.descriptor.size, 0);
  const moved = new Map<string, number>();
  const pushed = await Promise.all(
    [...jobs.values()].map(async ({ blob, mountFrom }) => {
      try {
        const result = await options.registry.pushBlob(repository, blob, {
          signal: options.signal,
          mountFrom,
          onProgress: (bytes) => {
            moved.set(blob.descriptor.digest, bytes);
            options.onProgress(
              [...moved.values()].reduce((a, b) => a + b, 0),
              total,
            );
          },
        });
        return { ...result, size: blob.descriptor.size };
      } catch (error) {
        throw withFact(error, `push to ${formatReference(repository)}`);
      }
    }),
  );
  return {
    sentBytes: pushed.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
    reusedBytes: pushed.reduce((sum, { how, size }) => sum + (how === 'sent' ? 0 : size), 0),
    mounted: pushed.filter(({ how }) => how === 'mounted').length,
  };
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
