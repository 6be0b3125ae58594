import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { type Digest, fault } from '@onebuild/core';
import { decodeLayerIndex, encodeLayerIndex, indexDigest, type LayerIndex } from '@onebuild/oci';

const [pack, unpack] = [promisify(zstdCompress), promisify(zstdDecompress)];

/** Most bytes of a listing, unpacked: about three million files. */
const mostBytes = 1 << 29;

/** Bytes of a listing as caches keep it; equal listings give equal bytes. */
export function packListing(index: LayerIndex): Promise<Uint8Array> {
  return pack(encodeLayerIndex(index));
}

/**
 * The listing in these bytes.
 * @param id - of the layer, where the listing decides over it
 * @throws CACHE_DAMAGED
 */
export async function readListing(bytes: Uint8Array, id?: Digest): Promise<LayerIndex> {
  let index: LayerIndex;
  try {
    index = decodeLayerIndex(await unpack(bytes, { maxOutputLength: mostBytes }));
  } catch (error) {
    throw fault('CACHE_DAMAGED', `a listing cannot be read: ${(error as Error).message}`, { cause: error });
  }
  if (id !== undefined && indexDigest(index) !== id)
    throw fault('CACHE_DAMAGED', `the listing of layer ${id} is another one's`);
  return index;
}
