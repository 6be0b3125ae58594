import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
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
import { createBlockReader } from './block-reader.ts';
import { createChunkPool } from './chunk-pool.ts';
import { blockCodecs } from './compress/block-codec.ts';
import { runInOrder } from './compress/run-in-order.ts';
import {
  DamagedBlock,
  type EarlierBlocks,
  type EarlierLayer,
  openEarlierBlocks,
  type PackedBlock,
  type StoredBlock,
} from './earlier-blocks.ts';
import { leadHardlinks } from './lead-hardlinks.ts';
import { type LayerBlock, planBlocks } from './plan-blocks.ts';

export interface ExportLayerOptions {
  readonly blobs: BlobStore;
  /** Whole seconds that the archive says for an entry. */
  readonly mtimeOf: (entry: LayerEntry) => number;
  readonly layers: LayerCompression;
  /** Blocks that are the same are taken from these. The result does not depend on it. */
  readonly earlier?: readonly EarlierLayer[];
  readonly signal?: AbortSignal | undefined;
  /** Blocks that may be in work at once. The result does not depend on it, either. */
  readonly inFlight?: number;
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
  readonly blocks: readonly StoredBlock[];
}

export const layerMediaTypes: Readonly<Record<Compression, string>> = Object.freeze({
  none: mediaTypes.ociLayer,
  gzip: mediaTypes.ociLayerGzip,
  zstd: mediaTypes.ociLayerZstd,
});

/**
 * Writes a layer into the blob store: archive, diff ID, compression (on all cores) and digest in one pass. The same index, contents, times
 * and compression give the same bytes.
 * @throws CONTEXT_CHANGED, CONTEXT_READ, STORE_CORRUPT and what the store throws; then the store has nothing new
 */
export async function exportLayer(
  index: LayerIndex,
  contentOf: (entry: LayerEntry) => FileContent,
  options: ExportLayerOptions,
): Promise<ExportedBlob> {
  const codec = blockCodecs[options.layers.compression];
  const earlier = openEarlierBlocks(options.blobs, options.earlier ?? [], codec);
  const job = { index: leadHardlinks(index), contentOf };
  try {
    return await writeBlocks(job, earlier, options);
  } catch (error) {
    if (!(error instanceof DamagedBlock)) throw error;
    return await writeBlocks(job, undefined, options);
  } finally {
    earlier.close();
  }
}

async function writeBlocks(
  { index, contentOf }: { readonly index: LayerIndex; contentOf(entry: LayerEntry): FileContent },
  earlier: EarlierBlocks | undefined,
  options: ExportLayerOptions,
): Promise<ExportedBlob> {
  const { blobs, layers, mtimeOf } = options;
  const codec = blockCodecs[layers.compression];
  const pool = createChunkPool(codec.blockSize);
  const reader = createBlockReader(contentOf);
  const pack = (block: LayerBlock): Promise<PackedBlock> => earlier?.read(block.key) ?? packNew(block);
  const packNew = async (block: LayerBlock): Promise<PackedBlock> => {
    const bytes = reader.read(block, pool.take());
    return { key: block.key, bytes, packed: await codec.pack(bytes, layers.level) };
  };
  const hash = createHash('sha256');
  const blocks: StoredBlock[] = [];
  let size = 0;
  let checksum = 0;
  const writer = await blobs.create();
  try {
    await writer.write(codec.head);
    for await (const { key, bytes, packed } of runInOrder(
      planBlocks(index, { mtimeOf, blockSize: codec.blockSize }),
      pack,
      options,
    )) {
      hash.update(bytes);
      checksum = crc32(bytes, checksum);
      size += bytes.length;
      blocks.push([key, bytes.length, packed.length, crc32(bytes)]);
      await writer.write(packed);
      if (packed !== bytes) pool.give(bytes);
      options.onProgress?.(size);
    }
    reader.finish();
    await writer.write(codec.tail(checksum, size));
    const blob = await writer.commit();
    const diffId = `sha256:${hash.digest('hex')}` as Digest;
    return {
      descriptor: { mediaType: layerMediaTypes[layers.compression], ...blob },
      diffId,
      size,
      blocks,
    };
  } catch (error) {
    await writer.abort();
    throw error;
  } finally {
    reader.close();
  }
}
