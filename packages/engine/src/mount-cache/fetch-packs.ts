import { type Digest, isFault } from '@onebuild/core';
import { type Descriptor, verifyStream } from '@onebuild/oci';
import { mountDamaged } from './mount-damaged.ts';
import { type ChunkPlace, mountLimits } from './mount-listing.ts';

/** A chunk of a pack. */
export interface PlacedChunk extends ChunkPlace {
  readonly digest: string;
}

/** What is needed of one pack, in the order of the bytes. */
export interface PackPlan {
  readonly descriptor: Descriptor;
  readonly chunks: readonly PlacedChunk[];
}

/** @throws CACHE_DAMAGED where a pack is not there, or is smaller than what should be in it */
export function planPacks(
  chunks: ReadonlyMap<string, ChunkPlace>,
  packs: ReadonlyMap<Digest, Descriptor>,
): readonly PackPlan[] {
  const plans = new Map<Digest, PlacedChunk[]>();
  for (const [digest, place] of chunks) {
    const plan = plans.get(place.pack);
    if (plan === undefined) plans.set(place.pack, [{ ...place, digest }]);
    else plan.push({ ...place, digest });
  }
  return [...plans].map(([pack, placed]) => {
    const descriptor = packs.get(pack);
    if (descriptor === undefined) throw mountDamaged(`pack ${pack} is missing`);
    if (descriptor.size > mountLimits.pack) throw mountDamaged(`pack ${pack} is too large`);
    if (placed.some(({ offset, length }) => offset + length > descriptor.size))
      throw mountDamaged(`pack ${pack} is smaller than its listing says`);
    return { descriptor: { ...descriptor, digest: pack }, chunks: placed };
  });
}

export interface FetchOptions {
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** Gets the bytes that came, each once. */
  readonly onBytes?: (bytes: number) => void;
  readonly signal: AbortSignal;
}

/** Packs that are on their way or wait at once: each is held in memory. */
const ahead = 3;

/**
 * The packs' bytes, each the one that its digest says, in the order of `plans`.
 * @throws CACHE_DAMAGED; other errors of `open` as they are
 */
export async function* fetchPacks(
  plans: readonly PackPlan[],
  options: FetchOptions,
): AsyncGenerator<readonly [plan: PackPlan, bytes: Uint8Array]> {
  const coming: Promise<readonly [PackPlan, Uint8Array]>[] = [];
  const fetch = async (plan: PackPlan) => [plan, await fetchPack(plan.descriptor, options)] as const;
  try {
    for (const plan of plans) {
      const one = fetch(plan);
      // its failure is told when its turn comes
      one.catch(() => undefined);
      coming.push(one);
      if (coming.length < ahead) continue;
      const next = coming.shift();
      if (next !== undefined) yield await next;
    }
    for (let next = coming.shift(); next !== undefined; next = coming.shift()) yield await next;
  } finally {
    await Promise.allSettled(coming);
  }
}

async function fetchPack(
  descriptor: Descriptor,
  { open, onBytes, signal }: FetchOptions,
): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  const bytes = Buffer.allocUnsafeSlow(size);
  let at = 0;
  try {
    for await (const part of verifyStream(open(descriptor), descriptor)) {
      signal.throwIfAborted();
      bytes.set(part, at);
      at += part.length;
      onBytes?.(part.length);
    }
  } catch (error) {
    if (isFault(error, 'DIGEST_MISMATCH'))
      throw mountDamaged(`pack ${digest} is not what it should be`, error);
    if (isFault(error, 'BLOB_NOT_FOUND')) throw mountDamaged(`pack ${digest} is missing`, error);
    throw error;
  }
  return bytes;
}
