import { createCacheCosts } from '../cache/cache-costs.ts';
import { Graph } from '../graph/graph.ts';
import type { StepContext } from '../graph/node.ts';
import { createLayerPool } from '../stack/layer-pool.ts';
import { openStore, type Store } from '../store/store.ts';
import { createBasesAhead } from './bases-ahead.ts';
import type { OperationServices } from './operation-services.ts';
import type { CacheMountSpec, TravellingMounts } from './travelling-mounts.ts';

/** What operations share, over the store at `home`, for those that run no commands. */
export async function mountServices(
  home: string,
  mounts?: TravellingMounts,
): Promise<OperationServices & { readonly store: Store }> {
  const store = await openStore(home, Date.now);
  const { signal } = new AbortController();
  const emit = () => undefined;
  const pool = createLayerPool({ store, rootless: false, signal, emit });
  return {
    graph: new Graph(),
    store,
    pool,
    basesAhead: createBasesAhead(pool, signal),
    sandbox: async () => Promise.reject(new Error('nothing runs here')),
    rootless: false,
    emit,
    costs: createCacheCosts(),
    ...(mounts && { mounts }),
  };
}

export function cacheMount(sharing: CacheMountSpec['sharing'], readonly = false): CacheMountSpec {
  const places = { id: 'id', from: undefined, source: '/', target: '/cache' };
  return { type: 'cache', ...places, readonly, sharing, mode: 0o750, uid: 0, gid: 0 };
}

/** Of a step that nothing came before. */
export function stepContext(signal: AbortSignal = new AbortController().signal): StepContext {
  const nothing = () => undefined;
  const result = (): never => {
    throw new Error('no step came before');
  };
  return { signal, result, output: nothing, progress: nothing, waits: nothing, finished: nothing };
}
