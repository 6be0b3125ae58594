import type { CacheTarget } from '../build-options.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheContents } from '../cache/cache-record.ts';
import type { StepContext } from '../graph/node.ts';
import type { ExecMount } from './exec-spec.ts';

export type CacheMountSpec = ExecMount & { readonly type: 'cache' };

/** Cache mounts that come from other machines, and go there. `name`: see `mountName`. */
export interface TravellingMounts {
  /** Told of each mount that a step of the build has, whether the step has to run or not. */
  known(name: string): void;
  /**
   * Asked when a command needs a mount that is not in the store; nobody else asks for it at the same time, in this process or another one.
   * True: `temp`, which was empty, holds the mount now, with the folder's own owner and mode, and its record (see freshness/mount-record) is
   * in the store. False: there is none; what is in `temp` counts for nothing.
   */
  restore(mount: CacheMountSpec, name: string, temp: string, context: StepContext): Promise<boolean>;
  /** Told each time a command ended, however, that could write into the mount. */
  used(mount: CacheMountSpec, name: string): void;
  /** Puts mounts that were used where the cache lies. @returns the records for it; undefined: mounts don't travel there */
  save(
    place: CachePlace,
    options: SaveMountsOptions,
  ): Promise<Pick<CacheContents, 'records' | 'blobs'> | undefined>;
}

export interface SaveMountsOptions {
  readonly target: CacheTarget;
  /** What the cache holds by now. */
  readonly known: CacheContents | undefined;
  readonly onSent: (bytes: number) => void;
}
