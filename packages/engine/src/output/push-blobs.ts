import { withFact } from '@onebuild/core';
import { type Descriptor, formatReference } from '@onebuild/oci';
import type { PushBlob, PushedBlob, Repository } from '@onebuild/registry/client';
import type { PushGroup } from './push-group.ts';
import type { PushOptions, PushPlace, PushReport, PushSet } from './push-images.ts';
import type { TagBefore } from './push-tags.ts';
import { skipBytes } from './skip-bytes.ts';

/** A blob on its way to the repositories of one registry that want it. */
interface BlobJob {
  readonly blob: PushBlob;
  /** Where layers of bases are, in this registry. */
  readonly origins: Set<string>;
  /** By name, with the sets that want it there. */
  readonly repositories: Map<string, WantedPlace>;
}

interface WantedPlace {
  readonly repository: Repository;
  readonly sets: Set<number>;
  /** What a tag of the repository names stands on it. */
  readonly isThere: boolean;
  /** False: it is new, as far as can be known, and small. */
  readonly look: boolean;
}

export interface Pushed {
  readonly digest: string;
  readonly size: number;
  readonly how: PushedBlob['how'];
  readonly sentBytes: number;
  /** Of the sets that wanted it; the first one's account gets what it cost. */
  readonly sets: readonly number[];
}

/** A blob is sent to the first repository of a registry that wants it, and mounted from there by the others. */
export async function pushBlobs(
  places: readonly PushPlace[],
  options: PushOptions & {
    readonly group: PushGroup;
    readonly before: ReadonlyMap<string, TagBefore>;
    /** Whether an earlier push there did not come to its end. */
    readonly wasBegun?: (repository: Repository) => boolean;
  },
): Promise<readonly Pushed[]> {
  const jobs = blobJobs(places, options);
  const total = jobs.reduce(
    (sum, { blob, repositories }) => sum + blob.descriptor.size * repositories.size,
    0,
  );
  const moved = new Map<string, number>();
  let sum = 0;
  const push = async (
    { blob, origins, repositories }: BlobJob,
    name: string,
    from: readonly string[],
  ): Promise<readonly Pushed[]> => {
    const place = repositories.get(name);
    if (place === undefined) return [];
    const { repository, sets, isThere, look } = place;
    const { digest, size } = blob.descriptor;
    if (isThere) return [{ digest, size, how: 'exists', sentBytes: 0, sets: [...sets] }];
    const mountFrom = new Set([...from, ...origins]);
    mountFrom.delete(name);
    const key = `${repository.registry}/${name} ${digest}`;
    try {
      const { how, sentBytes } = await options.registry.pushBlob(repository, blob, {
        signal: options.signal,
        mountFrom: [...mountFrom],
        look,
        onProgress: (bytes) => {
          sum += bytes - (moved.get(key) ?? 0);
          moved.set(key, bytes);
          options.onProgress(sum, total);
        },
      });
      return [{ digest, size, how, sentBytes, sets: [...sets] }];
    } catch (error) {
      const where = formatReference(repository);
      throw error instanceof Error && error.message.includes(where)
        ? error
        : withFact(error, `push to ${where}`);
    }
  };
  const { group } = options;
  const pushed = await group.all(
    jobs.map(async (job) => {
      const [first = '', ...others] = job.repositories.keys();
      const sent = await push(job, first, []);
      return [sent, ...(await group.all(others.map((name) => push(job, name, [first]))))].flat();
    }),
  );
  return pushed.flat();
}

/** What a set's push cost; `there`: bytes of its images in places that were not asked. */
export function reportOf(at: number, pushed: readonly Pushed[], there: number): PushReport {
  const sent = new Map<string, number>();
  let reusedBytes = there;
  let mounted = 0;
  for (const { digest, size, how, sentBytes, sets } of pushed) {
    if (!sets.includes(at)) continue;
    const isFirst = sets[0] === at;
    if (isFirst) sent.set(digest, (sent.get(digest) ?? 0) + sentBytes);
    if (isFirst && how === 'mounted') mounted++;
    if (!isFirst || how !== 'sent') reusedBytes += size;
  }
  return { sentBytes: sent.values().reduce((sum, bytes) => sum + bytes, 0), reusedBytes, mounted, sent };
}

/** Of all blobs that are pushed. */
export function imageBytes(set: PushSet): number {
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

/** Every blob of the images once for each registry, but layers that may not be distributed. */
function blobJobs(
  places: readonly PushPlace[],
  { signal, known, before, wasBegun }: Parameters<typeof pushBlobs>[1],
): readonly BlobJob[] {
  const jobs = new Map<string, BlobJob>();
  for (const { at, set, repository, tags } of places) {
    const there = tags.flatMap((tag) => {
      const old = before.get(formatReference({ ...repository, tag }));
      return (typeof old === 'object' ? known?.needs(old.digest) : undefined) ?? [];
    });
    const want = (
      blob: PushBlob,
      { from, earlier, isNew = false }: { from?: Repository; earlier?: string; isNew?: boolean },
    ): void => {
      const { digest } = blob.descriptor;
      const key = `${repository.registry} ${digest}`;
      const job = jobs.get(key) ?? { blob, origins: new Set(), repositories: new Map() };
      jobs.set(key, job);
      if (from?.registry === repository.registry) job.origins.add(from.repository);
      if (earlier !== undefined) job.origins.add(earlier);
      const wanted = job.repositories.get(repository.repository) ?? {
        repository,
        sets: new Set(),
        isThere: there.some((blobs) => blobs.has(digest)),
        look: !isNew || there.length === 0 || wasBegun?.(repository) === true,
      };
      job.repositories.set(repository.repository, wanted);
      wanted.sets.add(at);
    };
    for (const image of set.images) {
      image.layers.forEach((layer, index) => {
        const { descriptor } = layer;
        if (!isDistributable(layer)) return;
        const from = image.imageLayers[index]?.source?.repository;
        const earlier = known?.placeOf(repository.registry, descriptor.digest);
        want(
          { descriptor, open: (offset) => skipBytes(layer.open(signal), offset) },
          { ...(from !== undefined && { from }), ...(earlier !== undefined && { earlier }) },
        );
      });
      want(bytesBlob(image.config.descriptor, image.config.bytes), { isNew: true });
    }
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
