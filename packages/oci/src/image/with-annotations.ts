import { createImage, keptManifestFields } from './create-image.ts';
import type { Image } from './image.ts';

/** The image with more annotations on its manifest; a name that it has already gets the new value. */
export function withAnnotations(image: Image, annotations: Readonly<Record<string, string>>): Image {
  return createImage({
    platform: image.platform,
    layers: image.layers,
    config: () => image.config(),
    manifestFields: async () => {
      const fields = await keptManifestFields(image);
      return { ...fields, annotations: { ...fields.annotations, ...annotations } };
    },
  });
}
