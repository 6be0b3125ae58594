import { allEnded } from '../graph/all-ended.ts';
import type { Layer, Snapshot } from './layer.ts';
import { snapshotTree } from './snapshot-tree.ts';

/** With more layers, folders are not doubled: overlayfs takes a few hundred. */
const mostInParts = 100;

/** The folders to mount, bottom first, no folder twice (overlayfs refuses that). */
export async function snapshotFolders(snapshot: Snapshot): Promise<readonly string[]> {
  const layers = distinctLayers(snapshot);
  const folders = await allEnded(
    layers.map(async (layer, at) => {
      const below = () => snapshotTree({ layers: layers.slice(0, at) });
      const parts = layers.length > mostInParts ? undefined : await layer.parts?.(below);
      return parts ?? [await layer.directory()];
    }),
  );
  const list = folders.flat();
  return new Set(list).size === list.length ? list : allEnded(layers.map((layer) => layer.directory()));
}

/**
 * The layers of a snapshot, bottom first. One that is there more than once (images hold the same empty layer again and again) stays at its
 * topmost place alone: all that it says is said there.
 */
export function distinctLayers({ layers }: Snapshot): readonly Layer[] {
  const topmost = new Map(layers.map((layer, at) => [layer.id, at]));
  return layers.filter((layer, at) => topmost.get(layer.id) === at);
}
