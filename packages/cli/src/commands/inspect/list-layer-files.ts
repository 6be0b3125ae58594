import { pipeline, Readable } from 'node:stream';
import { constants, createGunzip, createZstdDecompress } from 'node:zlib';
import { fault } from '@onebuild/core';
import { createLayerIndexer, type Descriptor, type LayerEntry, mediaTypes, readTar } from '@onebuild/oci';
import type { ImageReport, LayerReport } from './image-report.ts';
import type { ImageSource } from './image-source.ts';

/**
 * The files of one layer, whiteouts included.
 * @throws USAGE where the image has no such layer, TAR_INVALID, MANIFEST_INVALID for an unknown compression
 */
export async function listLayerFiles(
  source: ImageSource,
  report: ImageReport,
  which: string,
): Promise<readonly LayerEntry[]> {
  const layer = findLayer(report, which);
  const indexer = createLayerIndexer();
  await readTar(decompress(source.open(layer), layer), indexer);
  return indexer.finish().entries;
}

function findLayer({ layers }: ImageReport, which: string): LayerReport {
  const number = /^\d{1,4}$/.test(which) ? Number(which) : 0;
  const found =
    layers[number - 1] ?? layers.find((layer) => layer.digest === which || layer.diffId === which);
  if (found !== undefined) return found;
  throw fault('USAGE', `--files: the image has no layer ${JSON.stringify(which)}`, {
    hint: `It has ${layers.length}; write a number from 1, or a digest.`,
  });
}

function decompress(
  bytes: AsyncIterable<Uint8Array>,
  { mediaType, digest }: Pick<Descriptor, 'mediaType' | 'digest'>,
): AsyncIterable<Uint8Array> {
  switch (mediaType) {
    case mediaTypes.ociLayer:
    case mediaTypes.dockerLayer:
      return bytes;
    case mediaTypes.ociLayerGzip:
    case mediaTypes.dockerLayerGzip:
      return through(bytes, createGunzip({ chunkSize: 2 ** 18 }));
    case mediaTypes.ociLayerZstd:
    case mediaTypes.dockerLayerZstd:
      return through(
        bytes,
        // as much as `zstd --ultra --long` asks of readers, and no more
        createZstdDecompress({ chunkSize: 2 ** 18, params: { [constants.ZSTD_d_windowLogMax]: 27 } }),
      );
    default:
      throw fault(
        'MANIFEST_INVALID',
        `the layer ${digest} has the unknown media type ${JSON.stringify(mediaType)}`,
      );
  }
}

function through(
  bytes: AsyncIterable<Uint8Array>,
  stream: NodeJS.ReadWriteStream,
): AsyncIterable<Uint8Array> {
  // The reader of the last stream gets the error of any.
  pipeline(Readable.from(bytes, { objectMode: false }), stream, () => {});
  return stream as unknown as AsyncIterable<Uint8Array>;
}
