import { constants, deflateRaw, inflateRaw } from 'node:zlib';
import type { BlockCodec } from './block-codec.ts';

// RFC 1952: deflate, no flags, no time, no extra flags, operating system unknown.
const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
// RFC 1951: a last block that is empty.
const lastBlock = Buffer.from([0x03, 0x00]);
/** Half the time of zlib's own default, 6, for three to seven percent more bytes; a Debian root has the size that Docker's default makes. */
const defaultLevel = 4;

/**
 * As a rule the whole result has room: one trip to the thread pool instead of one per 16 KiB. More room would only be memory that is collected
 * sooner than it needs to be.
 */
export function roomFor(block: Uint8Array): number {
  return (block.length >> 1) + 1024;
}

/** One gzip member (RFC 1952). Each block is deflated without a look at the others and ends at a byte (sync flush), so joined they are one stream. */
export const gzipCodec: BlockCodec = {
  blockSize: 1 << 20,
  version: process.versions.zlib,
  head,
  pack: (block, level = defaultLevel) =>
    new Promise((resolve, reject) => {
      const chunkSize = roomFor(block);
      deflateRaw(block, { level, chunkSize, finishFlush: constants.Z_SYNC_FLUSH }, (error, result) =>
        error ? reject(error) : resolve(result),
      );
    }),
  unpack: (packed, size) =>
    new Promise((resolve, reject) => {
      const options = { chunkSize: size + 1024, maxOutputLength: size, finishFlush: constants.Z_SYNC_FLUSH };
      inflateRaw(packed, options, (error, result) => (error ? reject(error) : resolve(result)));
    }),
  tail(checksum, size) {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(checksum, 0);
    trailer.writeUInt32LE(size % 2 ** 32, 4);
    return Buffer.concat([lastBlock, trailer]);
  },
};
