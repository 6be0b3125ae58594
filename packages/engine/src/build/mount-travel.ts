import type { BuildFact } from '@onebuild/core';
import type { TargetOptions } from '../build-options.ts';
import type { CacheCosts } from '../cache/cache-costs.ts';
import type { RemoteCache } from '../cache/remote-cache.ts';
import type { Store } from '../store/store.ts';

export interface TravellingMountsOptions {
  readonly store: Store;
  readonly remote: RemoteCache | undefined;
  readonly costs: CacheCosts;
  readonly rootless: boolean;
  readonly signal: AbortSignal;
  readonly emit: (fact: BuildFact) => void;
  /** Milliseconds since the Unix epoch. */
  readonly clock: () => number;
  /** Of all targets: nothing that holds one of them travels. */
  readonly secrets: readonly TargetOptions['secrets'][];
}

/** A mount that a command of this build could write into. */
export interface UsedMount {
  readonly id: string;
  readonly sharing: 'shared' | 'private' | 'locked';
}
