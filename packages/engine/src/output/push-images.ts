import { fault, isFault, withFact } from '@onebuild/core';
import { type Descriptor, formatReference, type Reference } from '@onebuild/oci';
import type { RegistryClient, Repository } from '@onebuild/registry/client';
import type { AssembledImage } from '../build/assemble-image.ts';
import type { ExportSet } from './export-image.ts';
import { imageBytes, pushBlobs, reportOf } from './push-blobs.ts';
import { createPushGroup } from './push-group.ts';

export interface PushSet extends ExportSet {
  readonly images: readonly AssembledImage[];
}

export interface PushOptions {
  readonly registry: RegistryClient;
  readonly signal: AbortSignal;
  /** Bytes on their way, over all blobs. */
  readonly onProgress: (sent: number, total: number) => void;
  /** No tag moves before this, nor when it fails. */
  readonly ready?: Promise<unknown>;
}

/** Of one set; what several have in common counts as sent for the first one. */
export interface PushReport {
  readonly sentBytes: number;
  readonly reusedBytes: number;
  readonly mounted: number;
  /** Bytes that were sent of each blob. */
  readonly sent: ReadonlyMap<string, number>;
}

/**
 * Pushes images to all their names: blobs of all repositories first, then manifests by digest, then the tags. Where one registry fails
 * before the tags, no tag has moved anywhere. A repository whose tags all name the image has it, and is asked nothing more for it.
 * @returns a report for each set
 */
export async function pushImages(
  sets: readonly PushSet[],
  options: PushOptions,
): Promise<readonly PushReport[]> {
  const group = createPushGroup(options.signal);
  const inside = { ...options, signal: group.signal };
  const all = sets.flatMap((set, at) => placesOf(set, at));
  checkNames(all);
  const [before] = await group.all([tagsBefore(all, inside)]);
  const isCurrent = ({ repository, tags, top }: PushPlace) =>
    tags.length > 0 &&
    tags.every(
      (tag) => before.get(formatReference({ ...repository, tag }))?.digest === top.descriptor.digest,
    );
  const [current, places] = [all.filter(isCurrent), all.filter((place) => !isCurrent(place))];
  const pushed = await pushBlobs(places, { ...inside, group });
  await group.all(places.map((place) => pushManifests(place, inside)));
  await options.ready;
  await moveTags(places, before, options);
  return sets.map((_set, at) => {
    const there = current.filter((place) => place.at === at);
    return reportOf(
      at,
      pushed,
      there.reduce((sum, { set }) => sum + imageBytes(set), 0),
    );
  });
}

/** A set's images in one repository. */
export interface PushPlace {
  /** Index of the set. */
  readonly at: number;
  readonly set: PushSet;
  readonly top: Top;
  readonly repository: Repository;
  readonly tags: readonly string[];
}

function placesOf(set: PushSet, at: number): readonly PushPlace[] {
  const top = set.index ?? set.images[0]?.manifest;
  if (top === undefined) throw fault('INTERNAL', 'there is nothing to push');
  return groupByRepository(set.names).map(([repository, tags]) => ({ at, set, top, repository, tags }));
}

/** @throws OUTPUT_INVALID where two images want one name */
function checkNames(places: readonly PushPlace[]): void {
  const digests = new Map<string, string>();
  for (const { repository, tags, top } of places) {
    for (const tag of tags) {
      const name = formatReference({ ...repository, tag });
      const known = digests.get(name);
      if (known !== undefined && known !== top.descriptor.digest)
        throw fault('OUTPUT_INVALID', `two different images have the name ${name}`, {
          hint: 'Give each target a name of its own.',
        });
      digests.set(name, top.descriptor.digest);
    }
  }
}

/** What each tag names now; undefined where it is not there. */
async function tagsBefore(
  places: readonly PushPlace[],
  { registry, signal }: PushOptions,
): Promise<ReadonlyMap<string, Descriptor | undefined>> {
  const found = new Map<string, Descriptor | undefined>();
  await Promise.all(
    taggedPlaces(places).map(async ({ name, reference }) => {
      try {
        found.set(name, await registry.resolve(reference, { signal, purpose: 'push' }));
      } catch (error) {
        if (!isFault(error, 'MANIFEST_NOT_FOUND', 'REGISTRY_DENIED', 'REGISTRY_UNAUTHORIZED')) throw error;
        found.set(name, undefined);
      }
    }),
  );
  return found;
}

/** Every tag once, with what it shall name. */
function taggedPlaces(places: readonly PushPlace[]): readonly {
  readonly name: string;
  readonly reference: Repository & { readonly tag: string };
  readonly top: Top;
}[] {
  const all = places.flatMap(({ repository, tags, top }) =>
    tags.map((tag) => {
      const reference = { ...repository, tag };
      return [formatReference(reference), { name: formatReference(reference), reference, top }] as const;
    }),
  );
  return [...new Map(all).values()];
}

async function pushManifests(
  { set, repository }: PushPlace,
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
  places: readonly PushPlace[],
  before: ReadonlyMap<string, Descriptor | undefined>,
  { registry, signal }: PushOptions,
): Promise<void> {
  const all = taggedPlaces(places);
  const results = await Promise.allSettled(
    all.map(({ reference, top: { bytes, descriptor } }) => {
      const { mediaType } = descriptor;
      return registry.pushManifest(reference, { bytes, mediaType, tag: reference.tag }, { signal });
    }),
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return;
  const stuck = await Promise.all(
    all.map(async ({ name, reference, top }, at) => {
      try {
        // an answer that was lost says nothing about the tag
        if (
          results[at]?.status !== 'fulfilled' &&
          (await registry.resolve(reference, { purpose: 'push' })).digest !== top.descriptor.digest
        )
          return [];
        await putBack(registry, reference, before.get(name));
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

function groupByRepository(
  names: readonly Reference[],
): readonly (readonly [repository: Repository, tags: readonly string[]])[] {
  const groups = new Map<string, readonly [Repository, string[]]>();
  for (const { registry, repository, tag } of names) {
    const key = `${registry}/${repository}`;
    const group = groups.get(key) ?? ([{ registry, repository }, []] as const);
    groups.set(key, group);
    if (tag !== undefined && !group[1].includes(tag)) group[1].push(tag);
  }
  return [...groups.values()];
}
