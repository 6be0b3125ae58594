import type { EntryType } from '../layer-index.ts';

/**
 * A layer index as stored: one JSON object of columns, which parses many times quicker than one object per entry.
 * Column lengths are the number of entries, where nothing else is said.
 */
export interface LayerIndexColumns {
  readonly format: typeof indexFormat;
  /** In the index's order. */
  readonly paths: readonly string[];
  /** One letter per entry; see {@link typeLetters}. */
  readonly types: string;
  /** Position in `attributes`. */
  readonly owners: readonly number[];
  /** Distinct `[mode, uid, gid]`. */
  readonly attributes: readonly (readonly [mode: number, uid: number, gid: number])[];
  readonly mtimes: readonly number[];
  /** One per file. */
  readonly sizes: readonly number[];
  /** SHA-256 of each file: 64 hexadecimal digits, one after the other. */
  readonly digests: string;
  /** One per symlink and hardlink. */
  readonly links: readonly string[];
  /** One per char and block. */
  readonly devices: readonly (readonly [major: number, minor: number])[];
  /** `[position, name, value, name, value, ...]` of the entries that have any. */
  readonly xattrs: readonly (readonly (number | string)[])[];
}

export const indexFormat = 'onebuild.layer-index.v1';

export const typeLetters: Readonly<Record<EntryType, string>> = Object.freeze({
  file: 'f',
  dir: 'd',
  symlink: 'l',
  hardlink: 'h',
  char: 'c',
  block: 'b',
  fifo: 'p',
  whiteout: 'w',
  opaque: 'o',
});
