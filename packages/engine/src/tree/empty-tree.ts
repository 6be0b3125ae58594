import { fault } from '@onebuild/core';
import type { FileTree } from './file-tree.ts';

/** A root folder with nothing in it. */
export const emptyTree: FileTree = Object.freeze({
  get: (path: string) =>
    path === ''
      ? ({ path: '', type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 } as const)
      : undefined,
  list: () => [],
  digests: async () => [],
  content(path: string) {
    throw fault('INTERNAL', `no content at ${path}`);
  },
});
