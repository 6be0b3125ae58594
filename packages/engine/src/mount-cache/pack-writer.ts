import { hash } from 'node:crypto';
import { type Descriptor, digestOf } from '@onebuild/oci';
import type { PushBlob } from '@onebuild/registry/client';
import { packChunk } from './chunk-codec.ts';
import { type ChunkPlace, mountMediaTypes } from './mount-listing.ts';

/** Makes a blob be there. */
export type PutBlob = (blob: PushBlob) => Promise<{ readonly sentBytes: number }>;

/** Puts chunks into packs, and packs where they are kept. */
export interface PackWriter {
  has(digest: string): boolean;
  /** Bytes of a chunk that was added, unpacked. */
  lengthOf(digest: string): number | undefined;
  /** The bytes must stay as they are; `digest`: their SHA-256 in hexadecimal digits. Slows down whoever is quicker than `put`. */
  add(digest: string, raw: Uint8Array): Promise<void>;
  /** When all is there: where each chunk is, and the packs. */
  finish(): Promise<WrittenPacks>;
  /** Comes when nothing is on its way any more, for whoever gives up. */
  settled(): Promise<void>;
}

export interface WrittenPacks {
  readonly places: ReadonlyMap<string, ChunkPlace>;
  readonly packs: readonly Descriptor[];
  readonly sentBytes: number;
}

/** Bytes, before they are packed. */
const packSize = 8 << 20;
/** Packs that are on their way at once; as many are held in memory, and one that is being filled. */
const inFlight = 2;

interface Waiting {
  readonly digest: string;
  readonly rawLength: number;
  readonly stored: Uint8Array | Promise<Uint8Array>;
}

export function createPackWriter(put: PutBlob): PackWriter {
  const known = new Map<string, number>();
  const places = new Map<string, ChunkPlace>();
  const packs: Descriptor[] = [];
  const sending = new Set<Promise<void>>();
  let failure: { readonly error: unknown } | undefined;
  let [waiting, size, sentBytes]: [Waiting[], number, number] = [[], 0, 0];

  const send = async (chunks: readonly Waiting[]): Promise<void> => {
    const stored = await Promise.all(chunks.map(async (chunk) => chunk.stored));
    const bytes = Buffer.concat(stored);
    const descriptor = { mediaType: mountMediaTypes.pack, digest: digestOf(bytes), size: bytes.length };
    let offset = 0;
    for (const [at, { digest, rawLength }] of chunks.entries()) {
      const length = stored[at]?.length ?? 0;
      places.set(digest, { pack: descriptor.digest, offset, length, rawLength });
      offset += length;
    }
    packs.push(descriptor);
    const sent = await put(blobOf(descriptor, bytes));
    sentBytes += sent.sentBytes;
  };
  const seal = (): void => {
    const chunks = waiting;
    [waiting, size] = [[], 0];
    const one = send(chunks)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => sending.delete(one));
    sending.add(one);
  };
  const check = (): void => {
    if (failure !== undefined) throw failure.error;
  };

  return {
    has: (digest) => known.has(digest),
    lengthOf: (digest) => known.get(digest),
    async add(digest, raw) {
      check();
      if (known.has(digest)) return;
      known.set(digest, raw.length);
      const stored = packChunk(raw);
      // its failure is told when the pack is sent
      if (stored instanceof Promise) stored.catch(() => undefined);
      waiting.push({ digest, rawLength: raw.length, stored });
      size += raw.length;
      if (size < packSize) return;
      seal();
      while (sending.size > inFlight) await Promise.race(sending);
    },
    async finish() {
      if (waiting.length > 0) seal();
      await Promise.all(sending);
      check();
      return { places, packs, sentBytes };
    },
    async settled() {
      await Promise.all(sending);
    },
  };
}

/** A blob of bytes in memory. */
export function blobOf(descriptor: Descriptor, bytes: Uint8Array): PushBlob {
  return {
    descriptor,
    async *open(offset) {
      yield bytes.subarray(offset);
    },
  };
}

export function chunkDigest(bytes: Uint8Array): string {
  return hash('sha256', bytes, 'hex');
}
