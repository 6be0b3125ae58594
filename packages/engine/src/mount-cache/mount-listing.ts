import type { Digest } from '@onebuild/core';
import { cacheTypes } from '../cache/cache-media-types.ts';

/** One path of a saved folder. */
export interface MountEntry {
  /** Relative to the folder, in the form of oci's `LayerEntry.path`; the folder itself is `''`. */
  readonly path: string;
  /** `hardlink`: another name of a file. Sockets, pipes and devices are not saved. */
  readonly type: 'file' | 'dir' | 'symlink' | 'hardlink';
  /** Permission bits with setuid, setgid and sticky. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Seconds since the Unix epoch, rounded down, and nanoseconds on top. */
  readonly seconds: number;
  readonly nanoseconds: number;
  /** Target: of a symlink as written; of a hard link the path of its file, which comes before it. */
  readonly link?: string;
  /** Of a file: its contents, one chunk after the other, by SHA-256 in hexadecimal digits. */
  readonly chunks?: readonly string[];
  /** Of a file: the last day (since the Unix epoch) on which somebody is known to have used it. */
  readonly used?: number;
}

/** Where the bytes of a chunk are. */
export interface ChunkPlace {
  readonly pack: Digest;
  /** Bytes, in the pack. */
  readonly offset: number;
  readonly length: number;
  /** Bytes when unpacked; equal to `length` where the chunk is stored as it is, else more. */
  readonly rawLength: number;
}

/** Something remembered about a folder: kind, key, value. */
export type MountFact = readonly [kind: string, key: string, value: string];

/** A folder at one moment. */
export interface MountListing {
  /** The folder first, each path once, in the order of their bytes, so that folders come before what is in them. */
  readonly entries: readonly MountEntry[];
  /** By SHA-256, of all chunks that `entries` name. */
  readonly chunks: ReadonlyMap<string, ChunkPlace>;
  readonly facts: readonly MountFact[];
}

export const mountMediaTypes = Object.freeze({
  /** zstd of {@link encodeMountListing}. */
  listing: cacheTypes.mount,
  /** Chunks, one after the other. */
  pack: cacheTypes.pack,
});

/** What a listing may say at most: whoever reads one that is wrong must not run out of memory or disk. Sizes in bytes. */
export const mountLimits = Object.freeze({
  listing: 256 << 20,
  entries: 1_000_000,
  /** Of a path: it must fit below any folder (path_resolution(7) allows 4095 altogether). */
  path: 3000,
  /** Of all files together. */
  files: 64 * 2 ** 30,
  /** Of one chunk, unpacked. */
  chunk: 1 << 20,
  /** Of one pack, as stored and unpacked. */
  pack: 32 << 20,
});
