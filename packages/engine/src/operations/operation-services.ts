import type { BuildFact } from '@onebuild/core';
import type { CacheCosts } from '../cache/cache-costs.ts';
import type { CacheTrail } from '../cache/cache-trail.ts';
import type { RemoteCache } from '../cache/remote-cache.ts';
import type { Graph } from '../graph/graph.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { LayerPool } from '../stack/layer-pool.ts';
import type { Store } from '../store/store.ts';
import type { BasesAhead } from './bases-ahead.ts';
import type { TravellingMounts } from './travelling-mounts.ts';

/** What the operations of one build share. */
export interface OperationServices {
  readonly graph: Graph;
  readonly store: Store;
  readonly pool: LayerPool;
  readonly basesAhead: BasesAhead;
  /** Caches to look in. */
  readonly remote?: RemoteCache;
  /** What steps made, for caches to be written; undefined: none is. */
  readonly trail?: CacheTrail;
  /** undefined: cache mounts stay on this machine. */
  readonly mounts?: TravellingMounts;
  readonly costs: CacheCosts;
  /** Made when the first RUN needs it. */
  sandbox(): Promise<Sandbox>;
  readonly rootless: boolean;
  readonly emit: (fact: BuildFact) => void;
}
