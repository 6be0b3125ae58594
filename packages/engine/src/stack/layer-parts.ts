import type { Digest } from '@onebuild/core';
import type { LayerIndex } from '@onebuild/oci';
import type { Store } from '../store/store.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { type LayerDelta, layerDelta } from './layer-delta.ts';
import { readIndex } from './publish-folder.ts';

/** A layer as the folder of an earlier one, and what has to lie over it. */
export interface LayerParts {
  readonly base: Digest;
  readonly delta: LayerDelta;
}

const kind = 'folder-of';
/** What making a file costs beside its bytes, in bytes that could be written in the same time. */
const entryCost = 20_000;
/** Layers below this cost are made at once. */
const worthParts = 4_000_000;
/** The delta may cost at most this share of the whole; else the layer is made anew, as the base of later ones. */
const largestShare = 0.25;

/** Parts in which a layer can be shown; undefined where making it anew is as good. */
export async function findLayerParts(
  store: Store,
  layer: { readonly index: LayerIndex; readonly earlier: readonly Digest[] },
): Promise<LayerParts | undefined> {
  const whole = costOf(layer.index);
  if (whole < worthParts) return undefined;
  const tried = new Set<Digest>();
  for (const id of layer.earlier) {
    const base = store.db.touch('layer', id) ? id : (store.db.fact(kind, id) as Digest | undefined);
    if (base === undefined || tried.has(base) || !store.db.touch('layer', base)) continue;
    tried.add(base);
    const index = await readIndex(store, base);
    const delta = index && layerDelta(index, layer.index);
    if (delta !== undefined && costOf(delta.over) <= whole * largestShare) return { base, delta };
  }
  return undefined;
}

/** Remembers whose folder shows most of a layer that has none of its own. */
export function rememberBase(store: Store, layer: Digest, base: Digest): void {
  if (store.db.fact(kind, layer) !== base) store.db.setFact(kind, layer, base);
}

/** Whether the parts would show less of what lies below than the layer does. */
export async function hidesSomething(
  { hides }: LayerDelta,
  below: () => Promise<FileTree>,
): Promise<boolean> {
  if (hides.length === 0) return false;
  const tree = await below();
  return hides.some((path) => tree.get(path) !== undefined);
}

function costOf({ entries }: LayerIndex): number {
  let cost = 0;
  for (const { size } of entries) cost += size + entryCost;
  return cost;
}
