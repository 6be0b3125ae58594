import type { LayerEntry } from '@onebuild/oci';

/** Files of one layer that a later one takes away. */
export interface Waste {
  /** Numbers of the layers, from 1. */
  readonly madeIn: number;
  readonly goneIn: number;
  /** Uncompressed bytes. */
  readonly bytes: number;
  readonly files: number;
  /** The largest of them. */
  readonly example: string;
  /** `repeats`: the same content again, with another owner, mode or time. */
  readonly how: 'removes' | 'replaces' | 'repeats';
}

interface Kept {
  readonly layer: number;
  readonly size: number;
  readonly digest: LayerEntry['digest'];
}

/**
 * What layers hold for nothing: files that a later layer removes (whiteouts, OCI image specification, "Whiteouts") or replaces, summed up by
 * pairs of layers, most bytes first.
 */
export function findWaste(layers: readonly (readonly LayerEntry[])[]): readonly Waste[] {
  const kept = new Map<string, Kept>();
  const sums = new Map<string, Waste>();
  const largest = new Map<string, number>();
  const lose = (path: string, goneIn: number, how: Waste['how']): void => {
    const file = kept.get(path);
    if (file === undefined || file.layer === goneIn) return;
    kept.delete(path);
    const key = `${file.layer}:${goneIn}:${how}`;
    const sum = sums.get(key);
    const isLargest = file.size > (largest.get(key) ?? -1);
    if (isLargest) largest.set(key, file.size);
    sums.set(key, {
      madeIn: file.layer,
      goneIn,
      bytes: (sum?.bytes ?? 0) + file.size,
      files: (sum?.files ?? 0) + 1,
      example: isLargest || sum === undefined ? path : sum.example,
      how,
    });
  };
  for (const [index, entries] of layers.entries()) {
    const number = index + 1;
    const folders = new Set<string>();
    for (const { path, type } of entries) {
      if (type !== 'whiteout' && type !== 'opaque') continue;
      lose(path, number, 'removes');
      folders.add(path);
    }
    if (folders.size > 0) {
      for (const path of kept.keys()) if (isInside(path, folders)) lose(path, number, 'removes');
    }
    for (const { path, type, size, digest } of entries) {
      if (type !== 'file') continue;
      const isSame = digest !== undefined && kept.get(path)?.digest === digest;
      lose(path, number, isSame ? 'repeats' : 'replaces');
      kept.set(path, { layer: number, size, digest });
    }
  }
  return [...sums.values()].toSorted((a, b) => b.bytes - a.bytes);
}

function isInside(path: string, folders: ReadonlySet<string>): boolean {
  if (folders.has('')) return true;
  for (let slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
    if (folders.has(path.slice(0, slash))) return true;
  }
  return false;
}
