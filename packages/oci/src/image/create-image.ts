import { encodeJson } from '../canonical-json.ts';
import { digestOf } from '../digest.ts';
import type { ImageConfig, Manifest } from '../manifest.ts';
import { mediaTypes } from '../media-types.ts';
import type { Platform } from '../platform.ts';
import type { Image, Layer } from './image.ts';
import { lazy } from './lazy.ts';

export interface ImageParts {
  readonly platform: Platform;
  readonly layers: readonly Layer[];
  /** Its `rootfs` is replaced by the layers' diff ids. */
  readonly config: () => Promise<ImageConfig>;
  /** Fields of the manifest other than config and layers; OCI's media type where none is said. */
  readonly manifestFields?: () => Promise<ManifestFields>;
}

/** What a manifest says beside its content. */
export type ManifestFields = Omit<Manifest, 'schemaVersion' | 'config' | 'layers'>;

/** An image of layers and a config. Its bytes are canonical JSON: equal parts give equal digests. */
export function createImage({ platform, layers, config, manifestFields }: ImageParts): Image {
  const finalConfig = lazy(async (): Promise<ImageConfig> => {
    return { ...(await config()), rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) } };
  });
  const configBytes = lazy(async () => encodeJson(await finalConfig()));
  const manifest = lazy(async (): Promise<Manifest> => {
    const fields = { mediaType: mediaTypes.ociManifest, ...(await manifestFields?.()) };
    const bytes = await configBytes();
    const docker = fields.mediaType === mediaTypes.dockerManifest;
    return {
      ...fields,
      schemaVersion: 2,
      config: {
        mediaType: docker ? mediaTypes.dockerConfig : mediaTypes.ociConfig,
        digest: digestOf(bytes),
        size: bytes.length,
      },
      layers: await Promise.all(layers.map((layer) => layer.descriptor())),
    };
  });
  const manifestBytes = lazy(async () => encodeJson(await manifest()));
  return Object.freeze({ platform, layers, config: finalConfig, configBytes, manifest, manifestBytes });
}

/** The fields of an image's manifest that an edit keeps. */
export async function keptManifestFields(image: Image): Promise<ManifestFields> {
  const { schemaVersion: _version, config: _config, layers: _layers, ...fields } = await image.manifest();
  return fields;
}
