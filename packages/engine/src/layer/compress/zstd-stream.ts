import { constants, zstdCompress } from 'node:zlib';
import { createChunkPool } from '../chunk-pool.ts';
import type { CompressOptions } from './compress-stream.ts';
import { runInOrder } from './run-in-order.ts';
import { splitBlocks } from './split-blocks.ts';

/** Part of the format we promise, as the block size of gzip is. */
export const zstdFrameSize = 2 << 20;
const defaultLevel = 3;

/**
 * Concatenated zstd frames (RFC 8878, section 3), each over the same amount of input, with checksum, compressed on all
 * threads of the pool. Decoders take the frames as one stream; ours decodes them in parallel again.
 */
export async function* zstdStream(
  source: AsyncIterable<Uint8Array>,
  options: CompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const pool = options.pool?.chunkSize === zstdFrameSize ? options.pool : createChunkPool(zstdFrameSize);
  const level = options.level ?? defaultLevel;
  let empty = true;
  const compressFrame = async (block: Uint8Array): Promise<Uint8Array> => {
    empty = false;
    const compressed = await compress(block, level);
    pool.give(block);
    return compressed;
  };
  yield* runInOrder(splitBlocks(source, pool), compressFrame, options);
  if (empty) yield await compress(new Uint8Array(0), level);
}

function compress(block: Uint8Array, level: number): Promise<Uint8Array> {
  const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
  const chunkSize = block.length + (block.length >> 7) + 1024;
  return new Promise((resolve, reject) => {
    zstdCompress(block, { params, chunkSize, pledgedSrcSize: block.length }, (error, result) =>
      error ? reject(error) : resolve(result),
    );
  });
}
