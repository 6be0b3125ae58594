import type { BuildAllOptions, CacheLocation } from '../build-options.ts';
import type { CachePlace } from './cache-place.ts';
import { createRemoteCache, type RemoteCache, type RemoteCacheOptions } from './remote-cache.ts';

type OpenCachesOptions = Pick<BuildAllOptions, 'targets' | 'registry' | 'clock'>;

/** Opens the caches that any of the targets names; undefined: none does. */
export async function openCaches(
  options: OpenCachesOptions,
  services: Omit<RemoteCacheOptions, 'sources'>,
): Promise<RemoteCache | undefined> {
  const wanted = options.targets.flatMap(({ cacheFrom = [] }) => cacheFrom);
  const distinct = new Map(wanted.map((source) => [JSON.stringify(source), source]));
  if (distinct.size === 0) return undefined;
  const sources = await Promise.all(
    [...distinct.values()].map(async (source) => ({
      source,
      place: await openCache(source.location, options),
    })),
  );
  return createRemoteCache({ ...services, sources });
}

export async function openCache(
  location: CacheLocation,
  { registry, clock }: Pick<OpenCachesOptions, 'registry' | 'clock'>,
): Promise<CachePlace> {
  const { openPlace } = await import('./open-place.ts');
  return openPlace(location, { registry, clock });
}
