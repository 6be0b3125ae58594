import { gzipSync, zstdCompressSync } from 'node:zlib';
import { digestOf } from '../src/digest.ts';
import { createImage } from '../src/image/create-image.ts';
import type { Image, Layer } from '../src/image/image.ts';
import type { HistoryEntry, RunConfig } from '../src/manifest.ts';
import { type Compression, mediaTypes } from '../src/media-types.ts';
import { parsePlatform } from '../src/platform.ts';
import { makeArchive } from './make-archive.ts';

/** A layer with one file of that name and content. */
export function makeLayer(path: string, compression: Compression = 'gzip'): Layer {
  const archive = makeArchive([{ path, content: `content of ${path}` }]);
  const [mediaType, bytes] =
    compression === 'gzip'
      ? [mediaTypes.ociLayerGzip, gzipSync(archive)]
      : compression === 'zstd'
        ? [mediaTypes.ociLayerZstd, zstdCompressSync(archive)]
        : [mediaTypes.ociLayer, archive];
  return layerOf(mediaType, archive, bytes);
}

export function layerOf(mediaType: string, archive: Uint8Array, bytes: Uint8Array): Layer {
  return {
    diffId: digestOf(archive),
    descriptor: () => Promise.resolve({ mediaType, digest: digestOf(bytes), size: bytes.length }),
    async *open() {
      yield bytes.subarray(0, 10);
      yield bytes.subarray(10);
    },
  };
}

export function makeImage(
  layers: readonly Layer[],
  options: {
    readonly platform?: string;
    readonly history?: readonly HistoryEntry[];
    readonly config?: RunConfig;
  } = {},
): Image {
  const platform = parsePlatform(options.platform ?? 'linux/amd64');
  const { history, config } = options;
  return createImage({
    platform,
    layers,
    config: () =>
      Promise.resolve({
        ...platform,
        rootfs: { type: 'layers', diff_ids: [] },
        ...(config && { config }),
        ...(history && { history }),
      }),
  });
}
