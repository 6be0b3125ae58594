import type { Digest } from '@onebuild/core';
import { type Descriptor, formatReference } from '@onebuild/oci';
import type { ExportSet } from './export-image.ts';

/** What `--metadata-file` holds, with the keys and forms of `docker buildx build`; only what is true of this build. */
export function buildMetadata(set: ExportSet): Readonly<Record<string, unknown>> {
  const top = topDescriptor(set);
  if (top === undefined) return {};
  const config = set.index ? undefined : set.images[0]?.config.descriptor.digest;
  return {
    ...(config && { 'containerimage.config.digest': config }),
    'containerimage.descriptor': top,
    'containerimage.digest': top.digest,
    ...(set.names.length > 0 && { 'image.name': set.names.map(formatReference).join(',') }),
  };
}

/** What `--iidfile` holds: the digest of the one image's config (Docker's image ID), or of the index. */
export function buildImageId(set: ExportSet): Digest | undefined {
  return set.index ? set.index.descriptor.digest : set.images[0]?.config.descriptor.digest;
}

function topDescriptor(set: ExportSet): Descriptor | undefined {
  if (set.index) return set.index.descriptor;
  const image = set.images[0];
  if (image === undefined) return undefined;
  const { descriptor } = image.manifest;
  return { ...descriptor, platform: descriptor.platform ?? image.platform };
}
