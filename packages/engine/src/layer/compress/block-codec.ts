import type { Compression } from '@onebuild/oci';
import { gzipCodec } from './gzip-codec.ts';
import { zstdCodec } from './zstd-codec.ts';

/**
 * How a stream is put together from blocks that are compressed by themselves: the same blocks and level give the same bytes, with any
 * number of threads. Only `pack` is work; it is done on a thread of the pool.
 */
export interface BlockCodec {
  /** Most bytes of a block; part of the format that we promise. */
  readonly blockSize: number;
  /** Names the program that packs: another version may give other bytes. */
  readonly version: string;
  readonly head: Uint8Array;
  /** @param level gzip 1 to 9 (4 where not given), zstd 1 to 22 (3) */
  pack(block: Uint8Array, level: number | undefined): Promise<Uint8Array>;
  /** What `pack` was given; `size` bytes. Fails where the bytes are damaged. */
  unpack(packed: Uint8Array, size: number): Promise<Uint8Array>;
  /** @param checksum CRC-32 of all blocks, which have `size` bytes */
  tail(checksum: number, size: number): Uint8Array;
}

const nothing = new Uint8Array(0);

const plainCodec: BlockCodec = {
  blockSize: 1 << 20,
  version: '',
  head: nothing,
  pack: async (block) => block,
  unpack: async (packed) => packed,
  tail: () => nothing,
};

export const blockCodecs: Readonly<Record<Compression, BlockCodec>> = Object.freeze({
  none: plainCodec,
  gzip: gzipCodec,
  zstd: zstdCodec,
});
