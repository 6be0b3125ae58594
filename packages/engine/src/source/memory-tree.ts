import { createHash } from 'node:crypto';
import { type Digest, fault } from '@onebuild/core';
import { comparePaths } from '@onebuild/oci';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { parentPath, pathAndParents } from '../tree/path.ts';

/** A file that is held in memory: the text of a heredoc. */
export interface MemoryFile {
  /** In the form of `LayerEntry.path`. */
  readonly path: string;
  readonly content: Uint8Array;
  /** Default 0644. */
  readonly mode?: number;
  /** Whole seconds; default 0. */
  readonly mtime?: number;
}

/** Files in memory as a tree; folders above them have mode 0755, everything belongs to 0:0. */
export function createMemoryTree(files: readonly MemoryFile[]): FileTree {
  const plain = { uid: 0, gid: 0, mtime: 0 } as const;
  const entries = new Map<string, TreeEntry>();
  const contents = new Map<string, Uint8Array>();
  const names = new Map<string, Set<string>>([['', new Set()]]);
  entries.set('', { ...plain, path: '', type: 'dir', mode: 0o755, size: 0 });
  for (const { path, content, mode = 0o644, mtime = 0 } of files) {
    for (const at of pathAndParents(path)) {
      names.get(parentPath(at))?.add(at.slice(at.lastIndexOf('/') + 1));
      if (at === path || entries.has(at)) continue;
      entries.set(at, { ...plain, path: at, type: 'dir', mode: 0o755, size: 0 });
      names.set(at, new Set());
    }
    entries.set(path, { ...plain, path, type: 'file', mode, size: content.length, mtime });
    contents.set(path, content);
  }
  const contentAt = (path: string): Uint8Array => {
    const bytes = contents.get(path);
    if (bytes === undefined) throw fault('INTERNAL', `no content at ${JSON.stringify(path)}`);
    return bytes;
  };
  return {
    get: (path) => entries.get(path),
    list: (path) => [...(names.get(path) ?? [])].sort(comparePaths),
    digests: async (paths) =>
      paths.map((path) => `sha256:${createHash('sha256').update(contentAt(path)).digest('hex')}` as Digest),
    content: (path) => ({ kind: 'bytes', bytes: contentAt(path) }),
  };
}
