import type { CacheTarget } from '../build-options.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheContents } from '../cache/cache-record.ts';
import type { ExecMount } from './exec-spec.ts';

/** Where cache mounts of this build come from, and which of them are worth keeping. */
export interface TravellingMounts {
  /**
   * Fills the empty folder `temp` with what a cache has of the mount, its owner and mode included; false: none has it, or it is damaged, and
   * `temp` is empty. Then the mount's record is there, too.
   */
  restore(mount: ExecMount & { type: 'cache' }, name: string, temp: string): Promise<boolean>;
  /** A step of this build has the mount, whether it runs or not. */
  known(name: string): void;
  /** A command that could write into the mount has ended. */
  used(mount: ExecMount & { type: 'cache' }, name: string): void;
  /** Puts mounts that were used where the cache lies. @returns the records for it; undefined: none */
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
