import type { Digest } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import type { ChunkPlace } from './mount-listing.ts';

/** Bytes. */
const smallPack = 1 << 20;
const mostSmallPacks = 16;

/** Packs whose chunks in use should go into new ones: less than half of them is in use, or there are many small ones. */
export function chooseRepacked(
  used: Iterable<ChunkPlace>,
  packs: ReadonlyMap<Digest, Descriptor>,
): ReadonlySet<Digest> {
  const living = new Map<Digest, number>();
  for (const { pack, length } of used) living.set(pack, (living.get(pack) ?? 0) + length);
  const sizeOf = (pack: Digest) => packs.get(pack)?.size ?? 0;
  const small = [...living.keys()].filter((pack) => sizeOf(pack) < smallPack);
  const sparse = [...living].filter(([pack, bytes]) => bytes * 2 < sizeOf(pack)).map(([pack]) => pack);
  // one more is about to be made
  return new Set([...sparse, ...(small.length >= mostSmallPacks ? small : [])]);
}
