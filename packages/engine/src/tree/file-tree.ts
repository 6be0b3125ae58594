import type { Digest } from '@onebuild/core';
import type { LayerEntry } from '@onebuild/oci';

/** A path of a tree. Hard links are files here; those that share `inode` are the same file. */
export interface TreeEntry extends Omit<LayerEntry, 'type' | 'link'> {
  readonly type: 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo';
  /** Of a file's content, where the tree knows it without reading; else ask `digests`. */
  readonly digest?: Digest;
  /** Target of a symlink, as written. */
  readonly link?: string;
  /** Set for files with more than one name; equal for the names of one file in one tree. */
  readonly inode?: string;
}

/** Where the bytes of a file are. */
export type FileContent =
  /** A file of the host that nobody promised to leave alone: whoever reads it compares size and digest with what the tree said. */
  | { readonly kind: 'host'; readonly path: string }
  /** A file of an unpacked layer in the store, which never changes: `path` under the absolute folder `layer`. */
  | { readonly kind: 'layer'; readonly layer: string; readonly path: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array };

/**
 * Files by path, read-only: a context folder, the merged layers of a stage, a remote file. Paths are relative without leading slash,
 * `''` is the root; no call follows symlinks.
 */
export interface FileTree {
  get(path: string): TreeEntry | undefined;
  /** Names in a folder, sorted bytewise; empty where `path` is no folder. */
  list(path: string): readonly string[];
  /**
   * SHA-256 of the files at `paths`, in that order. Costs reading where it isn't known yet.
   * @throws CONTEXT_READ, CONTEXT_CHANGED
   */
  digests(paths: readonly string[], signal?: AbortSignal): Promise<readonly Digest[]>;
  content(path: string): FileContent;
  /** Where there is one: must be awaited before `content` of these paths is read (it unpacks what was only listed so far). */
  prepare?(paths: readonly string[]): Promise<void>;
}
