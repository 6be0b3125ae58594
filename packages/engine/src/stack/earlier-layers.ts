import type { Digest } from '@onebuild/core';
import type { Store } from '../store/store.ts';

const kind = 'made-by';
/** More than one, as the last build may have ended before its layer was exported. */
const most = 4;

/** Layers that an operation made in earlier builds, the latest first: most of a new one may be the same. */
export function earlierLayers(store: Store, operation: Digest): readonly Digest[] {
  const text = store.db.fact(kind, operation);
  return text === undefined ? [] : (text.split(' ') as Digest[]);
}

export function rememberLayer(store: Store, operation: Digest, layer: Digest): void {
  const known = earlierLayers(store, operation);
  if (known[0] === layer) return;
  const latest = [layer, ...known.filter((id) => id !== layer)].slice(0, most);
  store.db.setFact(kind, operation, latest.join(' '));
}
