import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import { trueName } from '../posix/open-inside.ts';
import { createYielder } from '../snapshot/yield-now-and-then.ts';
import { chooseEvicted } from './choose-evicted.ts';
import { encodeDiskState } from './disk-state.ts';
import { type EarlierSnapshot, lastUse, readEarlier } from './earlier-snapshot.ts';
import { encodeMountListing } from './encode-listing.ts';
import { findFiles } from './find-files.ts';
import { fileSize } from './decode-listing.ts';
import { type MountFact, mountLimits, mountMediaTypes } from './mount-listing.ts';
import { blobOf, createPackWriter, type PackWriter, type PutBlob } from './pack-writer.ts';
import { repack } from './repack.ts';
import { isSameSnapshot } from './same-snapshot.ts';
import { createSecretSearch } from './search-secrets.ts';
import { packMountListing } from './stored-listing.ts';
import { type TakenFiles, takeFiles } from './take-files.ts';

export interface SaveMountOptions {
  readonly folder: string;
  /** What the folder was restored from, or last saved as: the listing unpacked, and the state that came with it. */
  readonly before?: { readonly listing: Uint8Array; readonly state?: string };
  /** Those of `before` that are still where `put` puts blobs. */
  readonly packs: ReadonlyMap<Digest, Descriptor>;
  /** Gets packs, two at a time, and the listing last. */
  readonly put: PutBlob;
  /** Files that hold one of them, in their content, name or target, are left out. Those of less than 6 bytes don't count. */
  readonly secrets: readonly Uint8Array[];
  /** Most bytes of all files; those that were not used for the longest time are left out. */
  readonly maxSize?: number;
  /**
   * Asked for when the files have been read: what was found out about the folder before that would be too old for files that commands wrote
   * in between.
   */
  readonly facts: () => readonly MountFact[];
  /** Today: days since the Unix epoch. */
  readonly day: number;
  readonly signal: AbortSignal;
  /** Called where nothing changed, with what `SavedMount` would say. */
  readonly onUnchanged?: (found: Pick<SavedMount, 'evicted' | 'leftOut' | 'state'>) => void;
}

export interface SavedMount {
  /** `blob` was put, as `descriptor` says; `bytes` is what is in it, for the next `before`. */
  readonly listing: {
    readonly descriptor: Descriptor;
    readonly blob: Uint8Array;
    readonly bytes: Uint8Array;
  };
  /** All that the listing needs. */
  readonly packs: readonly Descriptor[];
  /** Bytes of the files. */
  readonly bytes: number;
  readonly sentBytes: number;
  readonly evicted: { readonly files: number; readonly bytes: number };
  /** Paths that hold a secret, or changed while they were read and have no earlier version. Secrets in paths are blotted out. */
  readonly leftOut: readonly string[];
  /** What the files looked like, for the next `before` on this machine. */
  readonly state: string;
}

/**
 * Saves a folder: sends what `before` lacks. Commands may write into the folder meanwhile: a file that changes while it is read stays as it
 * was in `before`.
 * @throws what `put` throws, FILE_ACCESS, CANCELED
 */
export async function saveMount(options: SaveMountOptions): Promise<SavedMount | 'unchanged'> {
  const earlier = readEarlier(options.before, options.packs);
  const writer = createPackWriter(options.put);
  try {
    const taken = await takeFolder(options, { earlier, writer });
    const isThere = taken.entries.every(({ chunks = [] }) => chunks.every((one) => earlier.chunks.has(one)));
    if (options.before !== undefined && isThere && isSameSnapshot(earlier.entries, taken.entries)) {
      const { evicted, leftOut } = taken;
      // what was used since then shows only against what was written down then
      const known = earlier.hasStates ? options.before.state : undefined;
      options.onUnchanged?.({ evicted, leftOut, state: known ?? stateOf(taken, options.before.listing) });
      return 'unchanged';
    }
    return await write(options, { earlier, writer, taken });
  } finally {
    await writer.settled();
  }
}

interface Job {
  readonly earlier: EarlierSnapshot;
  readonly writer: PackWriter;
}

interface TakenFolder extends TakenFiles {
  readonly evicted: SavedMount['evicted'];
}

/** Reads what has to be read. */
async function takeFolder(
  { folder, secrets, maxSize, day, signal }: SaveMountOptions,
  { earlier, writer }: Job,
): Promise<TakenFolder> {
  const begun = BigInt(Date.now()) * 1_000_000n;
  const search = createSecretSearch(secrets);
  const hidden: string[] = [];
  const found = await findFiles(folder, {
    signal,
    skip: (path, text) => {
      if (!search.inText(text)) return false;
      hidden.push(search.blot(path));
      return true;
    },
  });
  const files = found.filter(({ entry }) => entry.type === 'file');
  const uses = new Map(files.map((file) => [file.path, lastUse(earlier, file, day)]));
  const evicted = chooseEvicted(
    files.map(({ path, stat }) => ({ path, size: Number(stat.size), used: uses.get(path) ?? day })),
    {
      bytes: Math.min(maxSize ?? mountLimits.files, mountLimits.files),
      files: mountLimits.entries - (found.length - files.length),
    },
  );
  const taken = await takeFiles(found, {
    earlier,
    begun,
    uses,
    day,
    evicted: new Set(evicted.map(({ path }) => path)),
    top: trueName(folder),
    sink: { has: (digest) => earlier.chunks.has(digest) || writer.has(digest), add: writer.add },
    search,
    paused: createYielder(signal),
  });
  return {
    ...taken,
    leftOut: [...hidden, ...taken.leftOut],
    evicted: { files: evicted.length, bytes: evicted.reduce((sum, { size }) => sum + size, 0) },
  };
}

async function write(
  { folder, packs, put, facts, signal }: SaveMountOptions,
  { earlier, writer, taken }: Job & { readonly taken: TakenFolder },
): Promise<SavedMount> {
  const { entries, evicted, leftOut } = taken;
  await repack(entries, { top: trueName(folder), earlier, packs, writer, signal });
  const written = await writer.finish();
  // what was written anew counts
  const chunks = new Map([...earlier.chunks, ...written.places]);
  const known = new Map([...packs, ...written.packs.map((one) => [one.digest, one] as const)]);
  const needed = new Set(
    entries.flatMap((entry) => (entry.chunks ?? []).map((digest) => chunks.get(digest)?.pack)),
  );
  const bytes = encodeMountListing({ entries, chunks, facts: facts() });
  const blob = await packMountListing(bytes);
  const descriptor = { mediaType: mountMediaTypes.listing, digest: digestOf(blob), size: blob.length };
  signal.throwIfAborted();
  const { sentBytes } = await put(blobOf(descriptor, blob));
  return {
    listing: { descriptor, blob, bytes },
    packs: [...known.values()].filter(({ digest }) => needed.has(digest)),
    bytes: entries.reduce((sum, entry) => sum + fileSize(entry, chunks), 0),
    sentBytes: written.sentBytes + sentBytes,
    evicted,
    leftOut,
    state: stateOf(taken, bytes),
  };
}

function stateOf({ states, left }: TakenFiles, listing: Uint8Array): string {
  return encodeDiskState({ listing: digestOf(listing), files: states, left });
}
