import { setTimeout as sleep } from 'node:timers/promises';
import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import { createYielder } from '../snapshot/yield-now-and-then.ts';
import { unpackChunk } from './chunk-codec.ts';
import { decodeMountListing } from './decode-listing.ts';
import { encodeDiskState, slowestTick } from './disk-state.ts';
import { fetchPacks, type PackPlan, planPacks } from './fetch-packs.ts';
import { mountDamaged } from './mount-damaged.ts';
import type { MountFact } from './mount-listing.ts';
import { chunkDigest } from './pack-writer.ts';
import { PlacedFiles } from './place-files.ts';
import { loadSetTimes } from './set-times.ts';

export interface RestoreMountOptions {
  /** Unpacked: see `unpackMountListing`. */
  readonly listing: Uint8Array;
  readonly packs: ReadonlyMap<Digest, Descriptor>;
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  /** Empty, and nobody else knows of it yet. It gets the owner, mode and time of the folder that was saved, too. */
  readonly folder: string;
  readonly rootless: boolean;
  readonly signal: AbortSignal;
  /** Gets the bytes that came, each once. */
  readonly onBytes?: (bytes: number) => void;
}

export interface RestoredMount {
  readonly facts: readonly MountFact[];
  /** For `before` of the next `saveMount`. */
  readonly state: string;
  readonly fetchedBytes: number;
  readonly files: number;
}

/**
 * Fills a folder with what was saved. All or nothing: where it throws, the folder holds parts, and whoever made it removes it.
 * @throws CACHE_DAMAGED where the listing or a pack is not what it should be; FILE_ACCESS, DISK_FULL, ROOTLESS_UNAVAILABLE; what `open` throws
 */
export async function restoreMount(options: RestoreMountOptions): Promise<RestoredMount> {
  const { folder, rootless, signal, onBytes } = options;
  const listing = decodeMountListing(options.listing);
  const plans = planPacks(listing.chunks, options.packs);
  let fetchedBytes = 0;
  const packs = fetchPacks(plans, {
    open: (descriptor) => options.open(descriptor),
    signal,
    onBytes(bytes) {
      fetchedBytes += bytes;
      onBytes?.(bytes);
    },
  });
  const files = new PlacedFiles(folder, listing, { times: await loadSetTimes(), rootless });
  const paused = createYielder(signal);
  files.begin();
  for await (const [plan, bytes] of packs) {
    for (const batch of batches(plan)) {
      files.put(await unpackAll(batch, bytes));
      await paused();
    }
  }
  files.finish();
  // a change that comes right now must show
  await sleep(Number(slowestTick / 1_000_000n), undefined, { signal });
  const { states } = files;
  const state = encodeDiskState({ listing: digestOf(options.listing), files: states, left: new Map() });
  return { facts: listing.facts, state, fetchedBytes, files: states.length };
}

/** Bytes that are unpacked before they are written; they are in memory besides the packs. */
const batchSize = 2 << 20;

/** The chunks of a pack, some at a time. */
function* batches({ chunks }: PackPlan): Generator<PackPlan['chunks']> {
  let batch: PackPlan['chunks'][number][] = [];
  let size = 0;
  for (const chunk of chunks) {
    batch.push(chunk);
    size += chunk.rawLength;
    if (size < batchSize) continue;
    yield batch;
    [batch, size] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

async function unpackAll(
  chunks: PackPlan['chunks'],
  bytes: Uint8Array,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const unpacked = await Promise.all(
    chunks.map(async ({ digest, pack, offset, length, rawLength }) => {
      const raw = await unpack(bytes.subarray(offset, offset + length), { pack, rawLength });
      if (raw.length !== rawLength || chunkDigest(raw) !== digest)
        throw mountDamaged(`a chunk of pack ${pack} is not what its listing says`);
      return [digest, raw] as const;
    }),
  );
  return new Map(unpacked);
}

async function unpack(
  stored: Uint8Array,
  { pack, rawLength }: { readonly pack: Digest; readonly rawLength: number },
): Promise<Uint8Array> {
  try {
    return await unpackChunk(stored, rawLength);
  } catch (error) {
    throw mountDamaged(`a chunk of pack ${pack} cannot be unpacked`, error);
  }
}
