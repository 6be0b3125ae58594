import type { LayerEntry, LayerIndex } from '@onebuild/oci';
import type { FileContent, FileTree, TreeEntry } from '../tree/file-tree.ts';
import { joinPath } from '../tree/path.ts';

/** A tree, ready to be written as an archive. */
export interface TreeLayer {
  readonly index: LayerIndex;
  contentOf(entry: LayerEntry): FileContent;
}

/** All entries of a tree but its root, each folder before what is in it, names bytewise; names of one file are hard links. */
export async function treeLayer(tree: FileTree, signal?: AbortSignal): Promise<TreeLayer> {
  const found = [...walkTree(tree)];
  const files = found.filter(({ type }) => type === 'file').map(({ path }) => path);
  await tree.prepare?.(files);
  const digests = await tree.digests(files, signal);
  const digestOf = new Map(files.map((path, at) => [path, digests[at]]));
  const firstNames = new Map<string, string>();
  const entries = found.map(({ inode, ...entry }): LayerEntry => {
    if (entry.type !== 'file') return entry;
    const first = inode === undefined ? undefined : firstNames.get(inode);
    if (first !== undefined) return { ...entry, type: 'hardlink', link: first, size: 0 };
    if (inode !== undefined) firstNames.set(inode, entry.path);
    const digest = digestOf.get(entry.path);
    return { ...entry, ...(digest && { digest }) };
  });
  return { index: { entries }, contentOf: ({ path }) => tree.content(path) };
}

/** Everything under a folder of a tree, that folder left out. */
export function* walkTree(tree: FileTree, folder = ''): Generator<TreeEntry> {
  for (const name of tree.list(folder)) {
    const entry = tree.get(joinPath(folder, name));
    if (entry === undefined) continue;
    yield entry;
    if (entry.type === 'dir') yield* walkTree(tree, entry.path);
  }
}
