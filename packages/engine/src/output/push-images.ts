import { fault } from '@onebuild/core';
import { type Descriptor, formatReference, type Reference } from '@onebuild/oci';
import type { RegistryClient, Repository } from '@onebuild/registry/client';
import type { AssembledImage } from '../build/assemble-image.ts';
import type { ExportSet } from './export-image.ts';
import type { KnownBlobs, PushedTop } from './known-blobs.ts';
import { imageBytes, type Pushed, pushBlobs, reportOf } from './push-blobs.ts';
import { publicationFault } from './push-fault.ts';
import { createPushGroup, type PushGroup } from './push-group.ts';
import { isNamed, moveTags, pushTags, type TagBefore, tagStates, tagsBefore } from './push-tags.ts';

export interface PushSet extends ExportSet {
  readonly images: readonly AssembledImage[];
}

export interface PushOptions {
  readonly registry: RegistryClient;
  readonly signal: AbortSignal;
  /** Bytes on their way, over all blobs. */
  readonly onProgress: (sent: number, total: number) => void;
  /** What earlier pushes left in registries. */
  readonly known?: KnownBlobs;
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
 * @throws OUTPUT_INVALID where two images want one name; else whatever failed first, with what is where: {@link publicationFault}
 */
export async function pushImages(
  sets: readonly PushSet[],
  options: PushOptions,
): Promise<readonly PushReport[]> {
  const group = createPushGroup(options.signal);
  const inside = { ...options, signal: group.signal, group };
  const all = sets.flatMap((set, at) => placesOf(set, at));
  checkNames(all);
  const before = await lookAtTags(all, inside);
  const isCurrent = ({ repository, tags, top }: PushPlace) =>
    tags.length > 0 && tags.every((tag) => isNamed(before.get(formatReference({ ...repository, tag })), top));
  const [current, places] = [all.filter(isCurrent), all.filter((place) => !isCurrent(place))];
  const tops = places.map(({ set, top, repository }) => ({ ...repository, ...pushedTop(set, top) }));
  const wasBegun = options.known?.begin(tops);
  const pushed = await pushContent(places, { ...inside, before, all, ...(wasBegun && { wasBegun }) });
  await options.ready;
  await moveTags(pushTags(places), before, { ...options, all: pushTags(all) });
  options.known?.remember(tops);
  return sets.map((_set, at) => {
    const there = current.filter((place) => place.at === at);
    return reportOf(
      at,
      pushed,
      there.reduce((sum, { set }) => sum + imageBytes(set), 0),
    );
  });
}

function pushedTop(set: PushSet, top: Top): Pick<PushedTop, 'top' | 'layers' | 'configs'> {
  return {
    top: top.descriptor.digest,
    layers: set.images.flatMap(({ layers }) => layers.map(({ descriptor }) => descriptor.digest)),
    configs: set.images.map(({ config }) => config.descriptor.digest),
  };
}

type InsideOptions = PushOptions & { readonly group: PushGroup };

async function lookAtTags(
  places: readonly PushPlace[],
  options: InsideOptions,
): Promise<ReadonlyMap<string, TagBefore>> {
  try {
    const [before] = await options.group.all([tagsBefore(pushTags(places), options)]);
    return before;
  } catch (error) {
    throw publicationFault(error, new Map());
  }
}

/** All that the tags will lead to. */
async function pushContent(
  places: readonly PushPlace[],
  options: InsideOptions & {
    readonly before: ReadonlyMap<string, TagBefore>;
    readonly all: readonly PushPlace[];
    readonly wasBegun?: (repository: Repository) => boolean;
  },
): Promise<readonly Pushed[]> {
  const { group, before, all } = options;
  try {
    const pushed = await pushBlobs(places, options);
    await group.all(places.map((place) => pushManifests(place, options)));
    return pushed;
  } catch (error) {
    throw publicationFault(error, tagStates(pushTags(all), before));
  }
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
