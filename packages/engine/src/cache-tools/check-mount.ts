import type { Digest } from '@onebuild/core';
import type { CacheRecord } from '../cache/cache-record.ts';
import { unpackChunk } from '../mount-cache/chunk-codec.ts';
import { decodeMountListing } from '../mount-cache/decode-listing.ts';
import { type ChunkPlace, mountLimits } from '../mount-cache/mount-listing.ts';
import { chunkDigest } from '../mount-cache/pack-writer.ts';
import { unpackMountListing } from '../mount-cache/stored-listing.ts';
import type { BlobCheck, BlobDamage } from './check-blob.ts';

/** What listings of mounts say of packs, by pack. */
export type ExpectedChunks = Map<
  Digest,
  { readonly digest: string; readonly place: ChunkPlace; readonly users: readonly CacheRecord[] }[]
>;

/** Reads the listing of a mount, and notes what its packs have to hold. */
export async function checkMountListing(
  bytes: AsyncIterable<Uint8Array>,
  { descriptor, users }: BlobCheck,
  expected: ExpectedChunks,
): Promise<BlobDamage | undefined> {
  if (descriptor.size > mountLimits.listing) return { why: `it has ${descriptor.size} bytes` };
  const listing = decodeMountListing(await unpackMountListing(await whole(bytes)));
  for (const [digest, place] of listing.chunks) {
    const chunks = expected.get(place.pack) ?? [];
    expected.set(place.pack, chunks);
    chunks.push({ digest, place, users });
  }
  const needed = [...listing.chunks.values()].map(({ pack }) => pack);
  const wrong = users.filter((record) => {
    const named = record.kind === 'mount' ? new Set(record.packs) : undefined;
    return needed.some((pack) => named?.has(pack) !== true);
  });
  return wrong.length === 0
    ? undefined
    : { why: 'its files are in packs that its entry does not name', wrong };
}

/** Whether a pack holds what listings say of it. */
export async function checkPack(
  bytes: AsyncIterable<Uint8Array>,
  { descriptor }: BlobCheck,
  expected: ExpectedChunks,
): Promise<BlobDamage | undefined> {
  if (descriptor.size > mountLimits.pack) return { why: `it has ${descriptor.size} bytes` };
  const pack = await whole(bytes);
  const wrong = new Set<CacheRecord>();
  for (const { digest, place, users } of expected.get(descriptor.digest) ?? []) {
    const { offset, length, rawLength } = place;
    const raw = await unpacked(pack.subarray(offset, offset + length), rawLength);
    if (raw === undefined || chunkDigest(raw) !== digest) for (const record of users) wrong.add(record);
  }
  return wrong.size === 0
    ? undefined
    : { why: 'it holds other files than its listing says', wrong: [...wrong] };
}

/** undefined: it cannot be unpacked. */
async function unpacked(stored: Uint8Array, rawLength: number): Promise<Uint8Array | undefined> {
  try {
    return await unpackChunk(stored, rawLength);
  } catch {
    return undefined;
  }
}

async function whole(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) chunks.push(chunk);
  return Buffer.concat(chunks);
}
