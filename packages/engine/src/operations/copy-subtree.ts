import { fault } from '@onebuild/core';
import { materialize } from '../snapshot/materialize.ts';
import { emptyTree } from '../tree/empty-tree.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { cleanPath, joinPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import { TreeEditor } from '../tree/tree-editor.ts';
import { finishLayer } from './finish-layer.ts';
import type { OperationServices } from './operation-services.ts';

/** Copies the folder at `path` of a tree, itself included, over the empty host folder `to`. */
export async function copySubtree(
  services: OperationServices,
  job: { readonly tree: FileTree; readonly path: string; readonly to: string },
  signal: AbortSignal,
): Promise<void> {
  const { tree } = job;
  const top = resolvePath(tree, cleanPath(job.path), { followLast: true });
  if (tree.get(top)?.type !== 'dir') throw fault('SOURCE_NOT_FOUND', `/${top} is not a folder`);
  const editor = new TreeEditor(emptyTree, 0);
  const visit = (from: string, at: string): void => {
    const entry = tree.get(from);
    if (entry === undefined) return;
    const { path: _, ...kept } = entry;
    editor.put(at, kept, entry.type === 'file' ? { tree, path: from } : undefined);
    if (entry.type !== 'dir') return;
    for (const name of tree.list(from)) visit(joinPath(from, name), joinPath(at, name));
  };
  visit(top, '');
  const layer = await (await finishLayer(services, editor, { signal })).load();
  await layer.prepare(layer.index.entries.map((entry) => entry.path));
  await materialize(layer.index, layer.contentOf, { dir: job.to, signal, rootless: services.rootless });
}
