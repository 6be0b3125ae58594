import { constants, crc32, deflateRaw } from 'node:zlib';
import { createChunkPool } from '../chunk-pool.ts';
import type { CompressOptions } from './compress-stream.ts';
import { runInOrder } from './run-in-order.ts';
import { splitBlocks } from './split-blocks.ts';

/** Part of the format we promise: another size gives other bytes, so other digests. */
export const gzipBlockSize = 1 << 20;
const dictionarySize = 32 << 10;

// RFC 1952: deflate, no flags, no time, no extra flags, operating system unknown.
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
// RFC 1951: a last block that is empty.
const lastBlock = Buffer.from([0x03, 0x00]);

/**
 * One gzip member (RFC 1952), compressed on all threads of the pool. Blocks of fixed size are deflated by themselves
 * with the 32 KiB before them as dictionary and end at a byte (sync flush), so joining them gives one deflate stream,
 * and the bytes do not depend on how many threads there were or how the source was cut.
 */
export async function* gzipStream(
  source: AsyncIterable<Uint8Array>,
  options: CompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const pool = options.pool?.chunkSize === gzipBlockSize ? options.pool : createChunkPool(gzipBlockSize);
  const level = options.level ?? constants.Z_DEFAULT_COMPRESSION;
  let dictionary: Buffer | undefined;
  let checksum = 0;
  let size = 0;
  const deflateBlock = async (block: Uint8Array): Promise<Uint8Array> => {
    checksum = crc32(block, checksum);
    size += block.length;
    const before = dictionary;
    dictionary = Buffer.from(block.subarray(-dictionarySize));
    const compressed = await deflate(block, level, before);
    pool.give(block);
    return compressed;
  };
  yield header;
  yield* runInOrder(splitBlocks(source, pool), deflateBlock, options);
  const trailer = Buffer.alloc(8);
  trailer.writeUInt32LE(checksum, 0);
  trailer.writeUInt32LE(size % 2 ** 32, 4);
  yield Buffer.concat([lastBlock, trailer]);
}

function deflate(block: Uint8Array, level: number, dictionary: Buffer | undefined): Promise<Uint8Array> {
  // Room for the whole result: one trip to the thread pool instead of one per 16 KiB.
  const chunkSize = block.length + (block.length >> 8) + 1024;
  const finishFlush = constants.Z_SYNC_FLUSH;
  return new Promise((resolve, reject) => {
    deflateRaw(
      block,
      { level, chunkSize, finishFlush, ...(dictionary && { dictionary }) },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
}
