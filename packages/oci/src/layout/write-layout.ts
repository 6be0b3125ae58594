import type { Digest } from '@onebuild/core';
import { encodeJson } from '../canonical-json.ts';
import type { Descriptor } from '../descriptor.ts';
import { mediaTypes } from '../media-types.ts';
import { formatReference, type Reference } from '../reference.ts';
import { blobPath } from './blob-path.ts';
import { type DockerArchiveImage, dockerArchiveManifest } from './docker-archive-manifest.ts';
import type { LayoutFile } from './layout-files.ts';

/** Content that a layout holds, with all that it points at among `LayoutContent.blobs`. */
export interface LayoutRoot {
  readonly descriptor: Descriptor;
  /** Without any, it is in the layout without a name. */
  readonly names: readonly Reference[];
}

export interface LayoutBlob {
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  open(): AsyncIterable<Uint8Array>;
}

export interface LayoutContent {
  readonly roots: readonly LayoutRoot[];
  /** Each is written once, in the order of its first appearance. */
  readonly blobs: Iterable<LayoutBlob>;
  /** Makes the layout one that `docker load` of any age reads, too. */
  readonly docker?: readonly DockerArchiveImage[];
}

/**
 * The files of an OCI image layout (image-layout.md), in an order in which a reader of a half-written folder never finds
 * a name whose content isn't there: blobs first, `index.json` last. A name becomes a descriptor of its own in the index,
 * annotated with its tag or digest (`org.opencontainers.image.ref.name`) and in full (`io.containerd.image.name`).
 */
export function writeLayoutEntries({ roots, blobs, docker }: LayoutContent): readonly LayoutFile[] {
  const files: LayoutFile[] = [fileOf('oci-layout', encodeJson({ imageLayoutVersion: '1.0.0' }))];
  const seen = new Set<Digest>();
  for (const blob of blobs) {
    const { digest, size } = blob.descriptor;
    if (seen.has(digest)) continue;
    seen.add(digest);
    files.push({ path: blobPath(digest), size, open: () => blob.open() });
  }
  if (docker) files.push(fileOf('manifest.json', dockerArchiveManifest(docker)));
  const index = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: roots.flatMap(({ descriptor, names }) =>
      names.length === 0 ? [descriptor] : names.map((name) => named(descriptor, name)),
    ),
  };
  return [...files, fileOf('index.json', encodeJson(index))];
}

function named(descriptor: Descriptor, name: Reference): Descriptor {
  const ref = name.tag ?? name.digest;
  return {
    ...descriptor,
    annotations: {
      ...descriptor.annotations,
      'io.containerd.image.name': formatReference(name),
      ...(ref !== undefined && { 'org.opencontainers.image.ref.name': ref }),
    },
  };
}

function fileOf(path: string, bytes: Uint8Array): LayoutFile {
  return {
    path,
    size: bytes.length,
    async *open() {
      yield bytes;
    },
  };
}
