import type { Digest } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import type { FileTree, TreeEntry } from './file-tree.ts';
import { joinPath } from './path.ts';

/**
 * One digest over everything below `path` that a process can see of it: names, types, modes, owners, contents, links; times (seconds)
 * where they are asked for.
 * @throws CONTEXT_READ, CONTEXT_CHANGED
 */
export async function treeDigest(
  tree: FileTree,
  path: string,
  { signal, times = false }: { readonly signal: AbortSignal; readonly times?: boolean },
): Promise<Digest> {
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
  const firstNames = new Map<string, string>();
  const lines: string[] = [];
  for (const [at, entry] of found) {
    const { type, mode, uid, gid, link, device, xattrs, inode, mtime } = entry;
    const name = at.slice(path.length);
    const content = contents.get(at);
    const sameFile = inode === undefined ? undefined : (firstNames.get(inode) ?? name);
    if (sameFile === name && inode !== undefined) firstNames.set(inode, name);
    const time = times ? mtime : undefined;
    lines.push(JSON.stringify([name, type, mode, uid, gid, content, link, device, xattrs, sameFile, time]));
  }
  return digestOf(lines.join(''));
}
