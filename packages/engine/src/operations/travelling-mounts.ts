import type { CacheTarget } from '../build-options.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import type { CacheContents } from '../cache/cache-record.ts';

/** Cache mounts of this build, to be saved in a cache. */
export interface TravellingMounts {
  save(
    place: CachePlace,
    options: {
      readonly target: CacheTarget;
      readonly known: CacheContents | undefined;
      readonly onSent: (bytes: number) => void;
    },
  ): Promise<CacheContents | undefined>;
}
