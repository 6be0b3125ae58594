import { fault } from '@onebuild/core';
import { formatPlatform, type LayoutFile } from '@onebuild/oci';
import type { OutputDestination } from '../build-options.ts';
import type { ExportSet } from './export-image.ts';
import { layoutMembers, writeMembers } from './oci-layout.ts';

/**
 * What `docker load` (20.10 and later) and `podman load` read: an OCI layout with a `manifest.json` beside it that
 * points into its blobs, as `docker save` of current versions writes it. Layers stay compressed; Docker before 23 reads
 * gzip but not zstd.
 * @throws OUTPUT_INVALID for several platforms, which the format cannot hold
 */
export function dockerArchiveMembers(set: ExportSet, signal: AbortSignal): readonly LayoutFile[] {
  const [image, ...others] = set.images;
  if (image === undefined || others.length > 0) {
    const platforms = set.images.map(({ platform }) => formatPlatform(platform)).join(', ');
    throw fault('OUTPUT_INVALID', `Docker's archive holds one image, this build has several (${platforms})`, {
      hint: 'Choose one with `--platform`, or use `type=oci` or a registry.',
    });
  }
  return layoutMembers(set, { signal, docker: true });
}

/**
 * `type=docker`.
 * @throws OUTPUT_INVALID, FILE_ACCESS, DISK_FULL, what reading the layers throws
 */
export async function writeDockerArchive(
  set: ExportSet,
  options: { readonly dest: OutputDestination; readonly tar: boolean; readonly signal: AbortSignal },
): Promise<void> {
  await writeMembers(dockerArchiveMembers(set, options.signal), options);
}
