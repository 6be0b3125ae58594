import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, OneBuildError, toFault } from '@onebuild/core';
import { type Descriptor, digestHex, formatReference, mediaTypes, type Reference } from '@onebuild/oci';
import type { OutputDestination } from '../build-options.ts';
import {
  type ArchiveMember,
  exactBytes,
  memberOfBytes,
  memberOfJson,
  tarOfMembers,
} from './archive-members.ts';
import type { ExportImage, ExportSet } from './export-image.ts';
import { writeDestination, writeFileWhole } from './write-destination.ts';

/** Path of a blob in a layout: OCI image spec, image-layout.md#blobs. */
export function layoutPath(digest: Digest): string {
  return `blobs/${digest.slice(0, digest.indexOf(':'))}/${digestHex(digest)}`;
}

/**
 * Everything an OCI image layout of the images has, each blob once. `index.json` names each reference as containerd and
 * buildx do; several platforms stand under one nested index.
 */
export function layoutMembers(set: ExportSet, signal: AbortSignal): readonly ArchiveMember[] {
  const members = new Map<string, ArchiveMember>();
  const add = (member: ArchiveMember) => members.set(member.path, member);
  add(memberOfJson('oci-layout', { imageLayoutVersion: '1.0.0' }));
  add(memberOfJson('index.json', layoutIndex(set)));
  if (set.index) add(memberOfBytes(layoutPath(set.index.descriptor.digest), set.index.bytes));
  for (const { manifest, config, layers } of set.images) {
    add(memberOfBytes(layoutPath(manifest.descriptor.digest), manifest.bytes));
    add(memberOfBytes(layoutPath(config.descriptor.digest), config.bytes));
    for (const layer of layers) {
      const path = layoutPath(layer.descriptor.digest);
      if (!members.has(path)) add({ path, size: layer.descriptor.size, open: () => layer.open(signal) });
    }
  }
  return [...members.values()];
}

function layoutIndex(set: ExportSet): unknown {
  const tops = set.index ? [set.index.descriptor] : set.images.map(describeImage);
  const created = set.images[0]?.config.value.created;
  const manifests = tops.flatMap((descriptor) => {
    const annotated = (more: Readonly<Record<string, string>>) => ({
      ...descriptor,
      annotations: {
        ...descriptor.annotations,
        ...more,
        ...(created && { 'org.opencontainers.image.created': created }),
      },
    });
    if (set.names.length === 0) return [annotated({})];
    return set.names.map((name) => annotated(nameAnnotations(name)));
  });
  return { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests };
}

function describeImage({ manifest, platform }: ExportImage): Descriptor {
  return { ...manifest.descriptor, platform: manifest.descriptor.platform ?? platform };
}

/** What containerd's importer (`ctr`, `nerdctl`, Docker) and skopeo look for. */
function nameAnnotations(name: Reference): Readonly<Record<string, string>> {
  const ref = name.tag ?? name.digest;
  return {
    'io.containerd.image.name': formatReference(name),
    ...(ref && { 'org.opencontainers.image.ref.name': ref }),
  };
}

/**
 * `type=oci`: a layout as a tar archive, or as a folder with `tar: false`.
 * @throws FILE_ACCESS, DISK_FULL, what reading the layers throws
 */
export async function writeOciLayout(
  set: ExportSet,
  options: { readonly dest: OutputDestination; readonly tar: boolean; readonly signal: AbortSignal },
): Promise<void> {
  await writeMembers(layoutMembers(set, options.signal), options);
}

export async function writeMembers(
  members: readonly ArchiveMember[],
  options: { readonly dest: OutputDestination; readonly tar: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { dest, tar, signal } = options;
  if (tar || 'stream' in dest) await writeDestination(dest, tarOfMembers(members), signal);
  else await writeFolder(members, dest.path, signal);
}

/** Blobs first, `index.json` last: a reader never finds a name whose blobs are missing. Blobs that are there stay. */
async function writeFolder(
  members: readonly ArchiveMember[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const isBlob = ({ path }: ArchiveMember) => path.startsWith('blobs/');
    const ordered = [...members.filter(isBlob), ...members.filter((member) => !isBlob(member)).reverse()];
    for (const member of ordered) {
      const path = join(folder, member.path);
      if (isBlob(member) && (await sizeOf(path)) === member.size) continue;
      await writeFileWhole(path, exactBytes(member), signal);
    }
  } catch (error) {
    throw error instanceof OneBuildError ? error : toFault(error);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
