import type { BuildAllOptions, CacheSource } from '../build-options.ts';
import { openPlace } from './open-place.ts';
import { createRemoteCache, type RemoteCache, type RemoteCacheOptions } from './remote-cache.ts';

/** Opens the caches that any of the targets names; undefined: none does. */
export async function openCaches(
  { targets, registry, clock }: Pick<BuildAllOptions, 'targets' | 'registry' | 'clock'>,
  services: Omit<RemoteCacheOptions, 'sources'>,
): Promise<RemoteCache | undefined> {
  const signers = await signingKeys(targets);
  const sources = targets
    .flatMap(({ cacheFrom = [] }) => cacheFrom)
    .map((source) => {
      const key = signers.get(JSON.stringify(source.location));
      return key === undefined || source.verify.length > 0 ? source : { ...source, verify: [key] };
    });
  const distinct = new Map(sources.map((source) => [JSON.stringify(source), source]));
  if (distinct.size === 0) return undefined;
  return createRemoteCache({
    ...services,
    sources: [...distinct.values()].map((source) => ({
      source,
      place: openPlace(source.location, { registry, clock }),
    })),
  });
}

/** Who signs what he writes to a cache must not take what others wrote there: he would sign that, too. Public keys by location. */
async function signingKeys(
  targets: BuildAllOptions['targets'],
): Promise<ReadonlyMap<string, CacheSource['verify'][number]>> {
  const keys = new Map<string, string>();
  for (const { location, sign } of targets.flatMap(({ cacheTo = [] }) => cacheTo)) {
    if (sign === undefined) continue;
    const { publicKeyOf } = await import('./sign-record.ts');
    keys.set(JSON.stringify(location), publicKeyOf(sign));
  }
  return keys;
}
