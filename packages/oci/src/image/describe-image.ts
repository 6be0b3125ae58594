import type { Descriptor } from '../descriptor.ts';
import { digestOf } from '../digest.ts';
import { mediaTypes } from '../media-types.ts';
import type { Image } from './image.ts';

/** What points at the image, in an index or a registry; with its platform. */
export async function describeImage(image: Image): Promise<Descriptor> {
  const [bytes, { mediaType }] = await Promise.all([image.manifestBytes(), image.manifest()]);
  return {
    mediaType: mediaType ?? mediaTypes.ociManifest,
    digest: digestOf(bytes),
    size: bytes.length,
    platform: image.platform,
  };
}
