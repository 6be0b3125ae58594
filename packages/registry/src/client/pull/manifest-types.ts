import { mediaTypes } from '@onebuild/oci';

/** OCI distribution spec, "Pulling manifests": bytes of a manifest that everybody must take, and that we take. */
export const manifestLimit = 4 * 1024 * 1024;

export const acceptedManifests = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
].join(', ');

/** Media type of a `Content-Type`, without parameters. */
export function mediaTypeOf(header: string | undefined): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** Docker's image manifest v2, schema 1, which nobody makes any more. */
export function isSchema1(mediaType: string): boolean {
  return mediaType.startsWith('application/vnd.docker.distribution.manifest.v1+');
}
