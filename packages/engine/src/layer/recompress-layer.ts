import { type Digest, fault } from '@onebuild/core';
import { decompressStream } from './decompress/decompress-stream.ts';
import { type ExportedBlob, type ExportLayerOptions, storeLayer } from './export-layer.ts';

/** A layer as some image has it. */
export interface StoredLayer {
  readonly mediaType: string;
  /** Its bytes, verified by whoever opened them. */
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Digest of the archive before compression, from the image's config. */
  readonly diffId?: Digest;
}

/**
 * The same layer with another compression, in the blob store; its diff ID stays.
 * @throws TAR_INVALID when the stream is damaged, DIGEST_MISMATCH when it is not the archive that `diffId` names
 */
export async function recompressLayer(
  layer: StoredLayer,
  options: Pick<ExportLayerOptions, 'blobs' | 'layers' | 'signal' | 'onProgress'>,
): Promise<ExportedBlob> {
  const tar = decompressStream(layer.bytes, layer.mediaType, { signal: options.signal });
  const stored = await storeLayer(tar, options);
  if (layer.diffId !== undefined && stored.diffId !== layer.diffId) {
    throw fault('DIGEST_MISMATCH', `the layer's archive is ${stored.diffId}, its image says ${layer.diffId}`);
  }
  return stored;
}
