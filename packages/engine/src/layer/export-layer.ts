import { createHash } from 'node:crypto';
import type { Digest } from '@onebuild/core';
import {
  type Compression,
  type Descriptor,
  type LayerEntry,
  type LayerIndex,
  mediaTypes,
} from '@onebuild/oci';
import type { LayerCompression } from '../build-options.ts';
import type { BlobStore } from '../store/blob-store.ts';
import type { FileContent } from '../tree/file-tree.ts';
import { createChunkPool } from './chunk-pool.ts';
import { compressionBlockSize, compressStream } from './compress/compress-stream.ts';
import { layerTar } from './write-layer-tar.ts';

export interface ExportLayerOptions {
  readonly blobs: BlobStore;
  /** Whole seconds that the archive says for an entry. */
  readonly mtimeOf: (entry: LayerEntry) => number;
  readonly layers: LayerCompression;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the tar archive so far. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** A layer that is in the blob store. */
export interface ExportedBlob {
  /** With OCI's media type for the compression. */
  readonly descriptor: Descriptor;
  /** Digest of the tar archive before compression. */
  readonly diffId: Digest;
  /** Bytes of the tar archive. */
  readonly size: number;
}

export const layerMediaTypes: Readonly<Record<Compression, string>> = Object.freeze({
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
});

/**
 * Writes a layer into the blob store: archive, diff ID, compression (on all cores) and digest in one pass.
 * @throws what {@link layerTar} and the store throw; then the store has nothing new
 */
export async function exportLayer(
  index: LayerIndex,
  contentOf: (entry: LayerEntry) => FileContent,
  options: ExportLayerOptions,
): Promise<ExportedBlob> {
  const { compression } = options.layers;
  // Uncompressed chunks go to the store, which may keep them for a while: then none is used twice.
  const pool = compression === 'none' ? undefined : createChunkPool(compressionBlockSize[compression]);
  const tar = layerTar(index, contentOf, { mtimeOf: options.mtimeOf, signal: options.signal, pool });
  return storeLayer(tar, { ...options, pool });
}

/** Hashes a tar archive, compresses it and stores it; chunks go back to the pool that they came from. */
export async function storeLayer(
  tar: AsyncIterable<Uint8Array>,
  options: Pick<ExportLayerOptions, 'blobs' | 'layers' | 'signal' | 'onProgress'> & {
    readonly pool?: ReturnType<typeof createChunkPool> | undefined;
  },
): Promise<ExportedBlob> {
  const { blobs, layers, signal, onProgress, pool } = options;
  const hash = createHash('sha256');
  let size = 0;
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of tar) {
      hash.update(chunk);
      size += chunk.length;
      onProgress?.(size);
      yield chunk;
    }
  }
  const { compression, level } = layers;
  const writer = await blobs.create();
  try {
    for await (const chunk of compressStream(hashed(), { compression, level, signal, pool })) {
      await writer.write(chunk);
    }
    const blob = await writer.commit();
    const diffId = `sha256:${hash.digest('hex')}` as Digest;
    return { descriptor: { mediaType: layerMediaTypes[compression], ...blob }, diffId, size };
  } catch (error) {
    await writer.abort();
    throw error;
  }
}
