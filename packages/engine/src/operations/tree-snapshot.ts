import type { Digest } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import type { Snapshot } from '../stack/layer.ts';
import { emptyTree } from '../tree/empty-tree.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { joinPath, pathAndParents } from '../tree/path.ts';
import { TreeEditor } from '../tree/tree-editor.ts';
import { finishLayer } from './finish-layer.ts';
import type { OperationServices } from './operation-services.ts';

/** What is at `path` of a tree (a context, made by the node with the key `source`), as a snapshot of one layer that keeps the path. */
export async function treeSnapshot(
  services: OperationServices,
  job: { readonly tree: FileTree; readonly path: string; readonly source: Digest },
  signal: AbortSignal,
): Promise<Snapshot> {
  const { tree, path, source } = job;
  const editor = new TreeEditor(emptyTree, 0);
  const put = (at: string, entry: TreeEntry) => {
    const { path: _, ...kept } = entry;
    editor.put(at, kept, entry.type === 'file' ? { tree, path: at } : undefined);
  };
  const visit = (at: string): void => {
    const entry = tree.get(at);
    if (entry === undefined) return;
    put(at, entry);
    if (entry.type !== 'dir') return;
    for (const name of tree.list(at)) visit(joinPath(at, name));
  };
  for (const above of pathAndParents(path).slice(0, -1)) {
    const entry = tree.get(above);
    if (entry !== undefined) put(above, entry);
  }
  visit(path);
  return {
    layers: [await finishLayer(services, editor, { signal, operation: digestOf(`bind ${source} ${path}`) })],
  };
}
