import { allEnded } from '../graph/all-ended.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { createLayerView } from '../tree/layer-view.ts';
import { createMergedTree, type TreeLayer } from '../tree/merged-tree.ts';
import type { Snapshot } from './layer.ts';

const trees = new WeakMap<Snapshot, Promise<FileTree>>();

/** The files of a snapshot; lists its layers where that wasn't done yet. */
export function snapshotTree(snapshot: Snapshot): Promise<FileTree> {
  const known = trees.get(snapshot);
  if (known !== undefined) return known;
  const made = allEnded(snapshot.layers.map((layer) => layer.load())).then(createMergedTree);
  trees.set(snapshot, made);
  return made;
}

/** The files as an image's layers say them: what was made here has the time `mtime` (seconds), where there is one. */
export async function timedTree(snapshot: Snapshot, mtime: number | undefined): Promise<FileTree> {
  if (mtime === undefined) return snapshotTree(snapshot);
  const layers = snapshot.layers.map(async (layer): Promise<TreeLayer> => {
    const loaded = await layer.load();
    if (layer.base !== undefined) return loaded;
    const entries = loaded.index.entries.map((entry) => ({ ...entry, mtime }));
    return {
      id: loaded.id,
      view: createLayerView({ entries }),
      contentOf: (entry) => loaded.contentOf(entry),
      prepare: (paths) => loaded.prepare(paths),
    };
  });
  return createMergedTree(await allEnded(layers));
}
