import { type Digest, fault } from '@onebuild/core';
import type { FileContent, FileTree, TreeEntry } from './file-tree.ts';

/** A tree with one file at its top, whose content is known. */
export function singleFileTree(
  file: Pick<TreeEntry, 'path' | 'mode' | 'size' | 'mtime'> & { readonly digest: Digest },
  content: FileContent,
): FileTree {
  const entry: TreeEntry = { ...file, type: 'file', uid: 0, gid: 0 };
  const root: TreeEntry = { path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: file.mtime };
  return {
    get: (path) => (path === '' ? root : path === file.path ? entry : undefined),
    list: (path) => (path === '' ? [file.path] : []),
    digests: async (paths) => paths.map(() => file.digest),
    content(path) {
      if (path !== file.path) throw fault('INTERNAL', `no content at ${path}`);
      return content;
    },
  };
}
