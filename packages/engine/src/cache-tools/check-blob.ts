import { createHash } from 'node:crypto';
import { type Digest, isFault, toFault } from '@onebuild/core';
import { compressionOf, type Descriptor, indexDigest } from '@onebuild/oci';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheRecord } from '../cache/cache-record.ts';
import { readListing } from '../cache/read-listing.ts';
import { decompressStream } from '../layer/decompress.ts';
import { checkMountListing, checkPack, type ExpectedChunks } from './check-mount.ts';

/** A blob, and the entries that need it. */
export interface BlobCheck {
  readonly what: 'layer' | 'listing' | 'mount' | 'pack';
  readonly descriptor: Descriptor;
  readonly users: readonly CacheRecord[];
  /** Whether a build made the layer: its id then is the digest of its listing. */
  isMade(layer: string): boolean;
}

/** Bytes of a listing as it is stored. */
const longestListing = 256 * 2 ** 20;

export interface BlobDamage {
  /** In words. */
  readonly why: string;
  /** The entries that say something else of it than it is; undefined: the blob itself is not what its name says. */
  readonly wrong?: readonly CacheRecord[];
}

/** What is wrong with the blob; packs come after the listings of their mounts. What says nothing about it (a network that is down) is thrown. */
export async function checkBlob(
  place: CachePlace,
  check: BlobCheck,
  { expected, signal }: { readonly expected: ExpectedChunks; readonly signal: AbortSignal },
): Promise<BlobDamage | undefined> {
  try {
    const bytes = place.open(check.descriptor, signal);
    switch (check.what) {
      case 'layer':
        return await layerFault(bytes, check, signal);
      case 'listing':
        return await listingFault(bytes, check);
      case 'mount':
        return await checkMountListing(bytes, check, expected);
      case 'pack':
        return await checkPack(bytes, check, expected);
    }
  } catch (error) {
    if (signal.aborted || !isDamage(error)) throw error;
    return { why: toFault(error).message };
  }
}

function isDamage(error: unknown): boolean {
  return isFault(error) && (error.kind === 'corrupt' || error.kind === 'not-found' || error.kind === 'input');
}

async function layerFault(
  bytes: AsyncIterable<Uint8Array>,
  { descriptor, users }: BlobCheck,
  signal: AbortSignal,
): Promise<BlobDamage | undefined> {
  const hash = createHash('sha256');
  const plain = decompressStream(bytes, compressionOf(descriptor.mediaType), { signal });
  for await (const chunk of plain) hash.update(chunk);
  const diffId = `sha256:${hash.digest('hex')}`;
  const wrong = users.filter((record) => record.kind === 'blob' && record.diffId !== diffId);
  return wrong.length === 0 ? undefined : { why: `unpacked it is ${diffId}`, wrong };
}

async function listingFault(
  bytes: AsyncIterable<Uint8Array>,
  { descriptor, users, isMade }: BlobCheck,
): Promise<BlobDamage | undefined> {
  const chunks: Uint8Array[] = [];
  if (descriptor.size > longestListing) return { why: `it has ${descriptor.size} bytes` };
  for await (const chunk of bytes) chunks.push(chunk);
  const id: Digest = indexDigest(await readListing(Buffer.concat(chunks)));
  const wrong = users.filter(({ kind, key }) => kind === 'listing' && isMade(key) && key !== id);
  return wrong.length === 0 ? undefined : { why: `it lists the layer ${id}`, wrong };
}
