import type { Digest } from '@onebuild/core';

/** `opaque`: the directory hides what lower layers have in it (`.wh..wh..opq`); `whiteout`: the path is removed (`.wh.NAME`). */
export type EntryType =
  | 'file'
  | 'dir'
  | 'symlink'
  | 'hardlink'
  | 'char'
  | 'block'
  | 'fifo'
  | 'whiteout'
  | 'opaque';

/** One path of a layer, as its tar archive says it, whiteouts decoded. */
export interface LayerEntry {
  /** Relative to the root, without leading, trailing or doubled slashes, no `.` or `..`: `usr/bin/env`. The root itself is `''`. */
  readonly path: string;
  readonly type: EntryType;
  /** Permission bits with setuid, setgid and sticky: 0 to 0o7777. 0 for whiteouts. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Bytes, for files; else 0. */
  readonly size: number;
  /** Whole seconds since the epoch, as the layer says it. */
  readonly mtime: number;
  /** SHA-256 of the content, for files. */
  readonly digest?: Digest;
  /** Target: of a symlink as written; of a hardlink the path in the same layer, in the form of `path`. */
  readonly link?: string;
  /** For char and block. */
  readonly device?: readonly [major: number, minor: number];
  /** Name to value, base64. Sorted by name. */
  readonly xattrs?: Readonly<Record<string, string>>;
}

/** Everything one layer says, sorted by path (bytewise), each path once but for `opaque`, which stands beside its `dir`. */
export interface LayerIndex {
  readonly entries: readonly LayerEntry[];
}
