import { mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Descriptor, type LayoutFile, writeLayoutEntries } from '@onebuild/oci';
import type { OutputDestination } from '../build-options.ts';
import { exactBytes, tarOfMembers } from './archive-members.ts';
import { destinationFault } from './destination-fault.ts';
import type { ExportImage, ExportSet } from './export-image.ts';
import { writeDestination, writeFileWhole } from './write-destination.ts';

/**
 * Everything an OCI image layout of the images has, each blob once. `index.json` names each reference as containerd and
 * buildx do; several platforms stand under one nested index.
 */
export function layoutMembers(
  set: ExportSet,
  options: { readonly signal: AbortSignal; readonly docker?: boolean },
): readonly LayoutFile[] {
  const created = set.images[0]?.config.value.created;
  const annotations: Readonly<Record<string, string>> =
    created === undefined ? {} : { 'org.opencontainers.image.created': created };
  const tops = set.index ? [set.index.descriptor] : set.images.map(describeImage);
  const blobOf = ({
    descriptor,
    bytes,
  }: {
    readonly descriptor: Descriptor;
    readonly bytes: Uint8Array;
  }) => ({
    descriptor,
    async *open() {
      yield bytes;
    },
  });
  const blobs = set.images.flatMap(({ manifest, config, layers }) => [
    blobOf(manifest),
    blobOf(config),
    ...layers.map(({ descriptor, open }) => ({ descriptor, open: () => open(options.signal) })),
  ]);
  return writeLayoutEntries({
    roots: tops.map((top) => ({
      descriptor: { ...top, annotations: { ...top.annotations, ...annotations } },
      names: set.names,
    })),
    blobs: set.index ? [blobOf(set.index), ...blobs] : blobs,
    ...(options.docker === true && {
      docker: set.images.map(({ config, layers }) => ({
        config: config.descriptor.digest,
        layers: layers.map(({ descriptor }) => descriptor.digest),
        names: set.names,
      })),
    }),
  });
}

function describeImage({ manifest, platform }: ExportImage): Descriptor {
  return { ...manifest.descriptor, platform: manifest.descriptor.platform ?? platform };
}

/**
 * `type=oci`: a layout as a tar archive, or as a folder with `tar: false`.
 * @throws FILE_ACCESS, DISK_FULL, what reading the layers throws
 */
export async function writeOciLayout(
  set: ExportSet,
  options: { readonly dest: OutputDestination; readonly tar: boolean; readonly signal: AbortSignal },
): Promise<void> {
  await writeMembers(layoutMembers(set, options), options);
}

export async function writeMembers(
  members: readonly LayoutFile[],
  options: { readonly dest: OutputDestination; readonly tar: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { dest, tar, signal } = options;
  if (tar || 'stream' in dest) await writeDestination(dest, tarOfMembers(members), signal);
  else await writeFolder(members, dest.path, signal);
}

/** In their order: a reader never finds a name whose blobs are missing. Blobs that are there stay. */
async function writeFolder(
  members: readonly LayoutFile[],
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const member of members) {
      const path = join(folder, member.path);
      if (member.path.startsWith('blobs/') && (await sizeOf(path)) === member.size) continue;
      await writeFileWhole(path, exactBytes(member), signal);
    }
  } catch (error) {
    throw destinationFault(error, folder);
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() ? found.size : undefined;
}
