import { createHash } from 'node:crypto';
import type { Digest } from '@onebuild/core';
import type { FileTree, TreeEntry } from './file-tree.ts';
import { joinPath } from './path.ts';

/**
 * One digest over everything below `path` that a process can see of it: names, types, modes, owners, contents, links; times are left out.
 * @throws CONTEXT_READ, CONTEXT_CHANGED
 */
export async function treeDigest(tree: FileTree, path: string, signal: AbortSignal): Promise<Digest> {
  const found: (readonly [path: string, entry: TreeEntry])[] = [];
  const visit = (at: string): void => {
    const entry = tree.get(at);
    if (entry === undefined) return;
    found.push([at, entry]);
    if (entry.type !== 'dir') return;
    for (const name of tree.list(at)) visit(joinPath(at, name));
  };
  visit(path);
  const files = found.filter(([, entry]) => entry.type === 'file').map(([at]) => at);
  const digests = await tree.digests(files, signal);
  const contents = new Map(files.map((at, i) => [at, digests[i]]));
  const hash = createHash('sha256');
  for (const [at, entry] of found) {
    const { type, mode, uid, gid, link, device, xattrs } = entry;
    hash.update(
      JSON.stringify([at.slice(path.length), type, mode, uid, gid, contents.get(at), link, device, xattrs]),
    );
  }
  return `sha256:${hash.digest('hex')}` as Digest;
}
