import type { Clock, Digest } from '@onebuild/core';
import type { CachePlace } from '../cache/cache-place.ts';
import { blobsOf, type CacheRecord } from '../cache/cache-record.ts';
import { recordStatement } from '../cache/record-statement.ts';
import { isSigned } from '../cache/sign-record.ts';
import { allEnded } from '../graph/all-ended.ts';
import { createSemaphore } from '../graph/semaphore.ts';
import { type BlobCheck, checkBlob } from './check-blob.ts';
import type { ExpectedChunks } from './check-mount.ts';
import { planChecks } from './plan-checks.ts';
import { removeDamaged } from './remove-damaged.ts';

export interface VerifyCacheOptions {
  /** Ed25519 public keys (PEM) that entries may be signed with; none: signatures are counted and not checked. */
  readonly keys: readonly string[];
  /** Removes the entries that need what is damaged. */
  readonly fix?: boolean;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onProgress?: ((progress: VerifyProgress) => void) | undefined;
}

export interface VerifyProgress {
  readonly blobs: number;
  readonly allBlobs: number;
  /** Bytes of the blobs that are done. */
  readonly bytes: number;
  readonly allBytes: number;
}

export interface CacheDamage {
  /** What it is: `layer`, `listing`, `mount`, `pack`. */
  readonly what: BlobCheck['what'];
  /** For people: id of the layer or of the mount. */
  readonly id: string;
  readonly digest: Digest;
  readonly why: string;
}

export interface VerifiedCache {
  readonly name: string;
  readonly entries: number;
  readonly blobs: number;
  /** Bytes that were read. */
  readonly bytes: number;
  /** Entries with a signature; with keys: with one of theirs. */
  readonly signed: number;
  readonly unsigned: number;
  /** Entries that others than the keys have signed, or that were changed since. */
  readonly otherwiseSigned: number;
  readonly damaged: readonly CacheDamage[];
  /** Entries that were removed. */
  readonly removed: number;
}

/** Blobs that are fetched at once. */
const fetches = 4;

/**
 * Reads all that a cache holds: every blob against its digest, listings against the ids of their layers, layers against their diff
 * ids, packs against the files of their mounts. Undefined: there is no cache.
 * @throws CACHE_DAMAGED where its index cannot be read; REGISTRY_*, FILE_ACCESS, CACHE_SIGNATURE, CANCELED
 */
export async function verifyCache(
  place: CachePlace,
  { keys, fix = false, clock, signal, onProgress }: VerifyCacheOptions,
): Promise<VerifiedCache | undefined> {
  const contents = await place.read(signal);
  if (contents === undefined) return undefined;
  const checks = planChecks(contents);
  const { damaged, isWhole } = await findDamage(place, checks, { signal, onProgress });
  let removed = 0;
  if (fix && damaged.length > 0) {
    await place.rewrite(
      (current) => {
        const kept = removeDamaged(current, isWhole, Math.floor(clock() / 86_400_000));
        removed = current.records.length - kept.records.length;
        return kept;
      },
      { signal },
    );
  }
  const { records } = contents;
  return {
    name: place.name,
    entries: records.length,
    blobs: checks.length,
    bytes: bytesOf(checks),
    ...countSigned(records, keys),
    damaged,
    removed,
  };
}

interface FoundDamage {
  readonly damaged: readonly CacheDamage[];
  isWhole(record: CacheRecord): boolean;
}

async function findDamage(
  place: CachePlace,
  checks: readonly BlobCheck[],
  { signal, onProgress }: Pick<VerifyCacheOptions, 'signal' | 'onProgress'>,
): Promise<FoundDamage> {
  const damaged: CacheDamage[] = [];
  const broken = new Set<Digest>();
  const wrong = new Set<string>();
  const expected: ExpectedChunks = new Map();
  const places = createSemaphore(fetches);
  const allBytes = bytesOf(checks);
  let [blobs, bytes] = [0, 0];
  async function check(blob: BlobCheck): Promise<void> {
    const { what, descriptor, users } = blob;
    const damage = await checkBlob(place, blob, { expected, signal });
    if (damage !== undefined) {
      const [first] = damage.wrong ?? users;
      damaged.push({ what, id: first ? nameOf(first) : '', digest: descriptor.digest, why: damage.why });
      if (damage.wrong === undefined) broken.add(descriptor.digest);
      else for (const record of damage.wrong) wrong.add(recordStatement(record));
    }
    bytes += descriptor.size;
    onProgress?.({ blobs: ++blobs, allBlobs: checks.length, bytes, allBytes });
  }
  const [packs, others] = [
    checks.filter(({ what }) => what === 'pack'),
    checks.filter(({ what }) => what !== 'pack'),
  ];
  for (const group of [others, packs]) await allEnded(group.map((blob) => places.use(() => check(blob))));
  return {
    damaged: damaged.toSorted((one, other) => (one.digest < other.digest ? -1 : 1)),
    isWhole: (record) =>
      !wrong.has(recordStatement(record)) && !blobsOf(record).some((digest) => broken.has(digest)),
  };
}

function bytesOf(checks: readonly BlobCheck[]): number {
  return checks.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
}

function countSigned(
  records: readonly CacheRecord[],
  keys: readonly string[],
): Pick<VerifiedCache, 'signed' | 'unsigned' | 'otherwiseSigned'> {
  const withSignature = records.filter(({ sig }) => sig !== undefined);
  const signed = keys.length === 0 ? withSignature : withSignature.filter((record) => isSigned(record, keys));
  return {
    signed: signed.length,
    unsigned: records.length - withSignature.length,
    otherwiseSigned: withSignature.length - signed.length,
  };
}

/** For people: id of the layer, or of the mount. */
function nameOf(record: CacheRecord): string {
  return record.kind === 'mount' ? record.id : record.key;
}
