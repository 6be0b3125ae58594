import { constants, zstdCompress, zstdDecompress } from 'node:zlib';
import type { BlockCodec } from './block-codec.ts';
import { roomFor } from './gzip-codec.ts';

const defaultLevel = 3;

/** A zstd frame (RFC 8878, section 3) with checksum for each block. Decoders take the frames as one stream; ours decodes them in parallel again. */
export const zstdCodec: BlockCodec = {
  blockSize: 4 << 20,
  version: process.versions['zstd'] ?? '',
  head: new Uint8Array(0),
  pack: (block, level = defaultLevel) =>
    new Promise((resolve, reject) => {
      const params = { [constants.ZSTD_c_compressionLevel]: level, [constants.ZSTD_c_checksumFlag]: 1 };
      const chunkSize = roomFor(block);
      zstdCompress(block, { params, chunkSize, pledgedSrcSize: block.length }, (error, result) =>
        error ? reject(error) : resolve(result),
      );
    }),
  unpack: (packed, size) =>
    new Promise((resolve, reject) => {
      zstdDecompress(packed, { chunkSize: size + 1024, maxOutputLength: size }, (error, result) =>
        error ? reject(error) : resolve(result),
      );
    }),
  tail: () => new Uint8Array(0),
};
