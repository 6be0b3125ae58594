import { closeSync, openSync, readSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { Digest } from '@onebuild/core';
import type { BlobStore } from '../store/blob-store.ts';
import type { BlockCodec } from './compress/block-codec.ts';

/** A block of a layer's blob: key, bytes before and after compression, CRC-32 of the bytes before. */
export type StoredBlock = readonly [key: string, size: number, packed: number, checksum: number];

/** A layer that was compressed in the same way before, with its blocks in their order. Its blob may be gone by now. */
export interface EarlierLayer {
  readonly digest: Digest;
  readonly blocks: readonly StoredBlock[];
}

/** A block before and after compression. */
export interface PackedBlock {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly packed: Uint8Array;
}

/** Blocks of an earlier layer, by key, out of its blob. */
export interface EarlierBlocks {
  /** undefined where there is none with the key. Fails with {@link DamagedBlock} where it cannot be read any more. */
  read(key: string): Promise<PackedBlock> | undefined;
  close(): void;
}

export class DamagedBlock extends Error {}

/** Of several blocks with a key the first layer's is taken; layers whose blob is gone have none. */
export function openEarlierBlocks(
  blobs: BlobStore,
  layers: readonly EarlierLayer[],
  codec: BlockCodec,
): EarlierBlocks {
  const places = new Map<string, Place>();
  const files: number[] = [];
  for (const { digest, blocks } of layers) {
    const file = openBlob(blobs.path(digest));
    if (file === undefined) continue;
    files.push(file);
    let at = codec.head.length;
    for (const block of blocks) {
      if (!places.has(block[0])) places.set(block[0], { file, at, block });
      at += block[2];
    }
  }
  return {
    read(key) {
      const place = places.get(key);
      return place && readBlock(place, codec);
    },
    close() {
      for (const file of files) closeSync(file);
    },
  };
}

interface Place {
  readonly file: number;
  readonly at: number;
  readonly block: StoredBlock;
}

function openBlob(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}

/** The bytes before compression are needed for the digest of the archive; unpacking is ten times as quick as compressing. */
async function readBlock(
  { file, at, block: [key, size, length, checksum] }: Place,
  codec: BlockCodec,
): Promise<PackedBlock> {
  try {
    const packed = Buffer.allocUnsafe(length);
    if (readSync(file, packed, 0, length, at) === length) {
      const bytes = await codec.unpack(packed, size);
      if (bytes.length === size && crc32(bytes) === checksum) return { key, bytes, packed };
    }
  } catch (error) {
    throw new DamagedBlock('a block could not be read', { cause: error });
  }
  throw new DamagedBlock('a block is not what it was');
}
