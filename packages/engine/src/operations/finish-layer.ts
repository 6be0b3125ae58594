import type { Digest } from '@onebuild/core';
import { earlierLayers, rememberLayer } from '../stack/earlier-layers.ts';
import type { Layer } from '../stack/layer.ts';
import type { FileTree } from '../tree/file-tree.ts';
import type { Origin, TreeEditor } from '../tree/tree-editor.ts';
import type { OperationServices } from './operation-services.ts';

/** Asks for the digests of all new files, tree by tree, and makes the layer. `operation` says whose result it is, to find earlier ones. */
export async function finishLayer(
  services: OperationServices,
  editor: TreeEditor,
  { signal, operation }: { readonly signal: AbortSignal; readonly operation?: Digest },
): Promise<Layer> {
  const origins = new Map<string, Origin>();
  const byTree = new Map<FileTree, { targets: string[]; sources: string[] }>();
  for (const [path, origin] of editor.newFiles()) {
    origins.set(path, origin);
    let group = byTree.get(origin.tree);
    if (group === undefined) {
      group = { targets: [], sources: [] };
      byTree.set(origin.tree, group);
    }
    group.targets.push(path);
    group.sources.push(origin.path);
  }
  const digests = new Map<string, Digest>();
  for (const [tree, { targets, sources }] of byTree) {
    const found = await tree.digests(sources, signal);
    for (const [at, target] of targets.entries()) {
      const digest = found[at];
      if (digest !== undefined) digests.set(target, digest);
    }
  }
  const { store, pool } = services;
  const earlier = operation === undefined ? [] : earlierLayers(store, operation);
  const layer = pool.recipe(editor.finish(digests), { origins, earlier });
  if (operation !== undefined) rememberLayer(store, operation, layer.id);
  return layer;
}
