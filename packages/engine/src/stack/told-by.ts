import type { Snapshot } from './layer.ts';

/** Name of a cache on whose word alone the listing of a layer in any of these stands; undefined: of none. */
export function toldBy(snapshots: readonly Snapshot[]): string | undefined {
  for (const { layers } of snapshots) {
    for (const layer of layers) {
      const from = layer.toldBy?.();
      if (from !== undefined) return from;
    }
  }
  return undefined;
}
