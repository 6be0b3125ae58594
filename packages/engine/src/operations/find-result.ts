import { emptyLayer } from '../layer/empty-layer.ts';
import type { Layer } from '../stack/layer.ts';
import type { OperationServices } from './operation-services.ts';

export interface FoundResult {
  /** undefined: nothing changed. */
  readonly layer: Layer | undefined;
  /** Name of the cache that had it; undefined: the store. */
  readonly from?: string;
  /** Milliseconds that the step took where it ran; undefined: the cache does not know, or it was the store. */
  readonly ms?: number | undefined;
}

/** What a RUN with this content key made, in the store or in a cache. */
export async function findResult(
  { store, pool, remote }: Pick<OperationServices, 'store' | 'pool' | 'remote'>,
  key: string,
): Promise<FoundResult | undefined> {
  const id = store.db.result(key);
  if (id === emptyLayer) return { layer: undefined };
  const stored = id === undefined ? undefined : await pool.stored(id);
  if (stored !== undefined) return { layer: stored };
  const found = await remote?.result('exec', key);
  if (found === undefined) return undefined;
  const { layer, from, ms } = found;
  return { layer: layer && pool.travelled(layer), from, ms };
}
