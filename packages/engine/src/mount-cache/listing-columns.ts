import type { MountEntry, MountFact } from './mount-listing.ts';

/**
 * A listing as stored: one JSON object of columns. Columns have one item per entry where nothing else is said.
 * docs/cache-mounts-format.md describes it.
 */
export interface ListingColumns {
  readonly format: typeof listingFormat;
  readonly paths: readonly string[];
  /** One letter per entry; see {@link typeLetters}. */
  readonly types: string;
  /** Position in `attributes`. */
  readonly owners: readonly number[];
  /** Distinct `[mode, uid, gid]`. */
  readonly attributes: readonly (readonly [mode: number, uid: number, gid: number])[];
  readonly seconds: readonly number[];
  readonly nanoseconds: readonly number[];
  /** One per symlink and hard link. */
  readonly links: readonly string[];
  /** One per file. */
  readonly used: readonly number[];
  /** How many chunks each file has. */
  readonly counts: readonly number[];
  /** Positions of these chunks, file after file, each as the distance from the one after the chunk before: mostly 0. */
  readonly chunks: readonly number[];
  /** SHA-256 of each pack, 64 hexadecimal digits. */
  readonly packs: readonly string[];
  /** How many chunks of each pack are in use. */
  readonly packCounts: readonly number[];
  /** One per chunk, pack after pack: the bytes that nobody uses between it and the one before it in its pack. */
  readonly gaps: readonly number[];
  /** One per chunk: bytes in the pack. */
  readonly lengths: readonly number[];
  /** One per chunk: bytes when unpacked. */
  readonly rawLengths: readonly number[];
  /** SHA-256 of each chunk: 64 hexadecimal digits, one after the other. */
  readonly digests: string;
  readonly facts: readonly MountFact[];
}

export const listingFormat = 'onebuild.mount.v1';

export const typeLetters: Readonly<Record<MountEntry['type'], string>> = Object.freeze({
  file: 'f',
  dir: 'd',
  symlink: 'l',
  hardlink: 'h',
});
