import type { ImageConfig } from '../manifest.ts';
import { createImage, keptManifestFields } from './create-image.ts';
import type { Image } from './image.ts';

/** The image with another config; its layers stay, so `rootfs` stays whatever `edit` says of it. */
export function withConfig(image: Image, edit: (config: ImageConfig) => ImageConfig): Image {
  return createImage({
    platform: image.platform,
    layers: image.layers,
    manifestFields: () => keptManifestFields(image),
    config: async () => edit(await image.config()),
  });
}
