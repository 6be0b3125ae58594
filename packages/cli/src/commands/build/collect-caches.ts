import type { CacheLocation, CacheSource, CacheTarget, TargetOptions } from '@onebuild/engine';
import { formatReference, type Reference } from '@onebuild/oci';
import { parseCacheFrom, parseCacheTo } from '../../flags/parse-cache.ts';
import type { CacheAccess } from '../../settings/cache-access.ts';

/** Caches as flags name them, and where their paths begin. */
export interface WrittenCaches {
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly cwd: string;
}

export interface CollectCachesOptions {
  readonly access: CacheAccess;
  /** The image's first name. */
  readonly image?: Reference | undefined;
  readonly warn: (message: string) => void;
}

/**
 * The caches of a target, one for each place. All is checked, whatever the access; keys are read only where they will be used.
 * @throws USAGE, REFERENCE_INVALID, FILE_ACCESS, CACHE_SIGNATURE
 */
export async function collectCaches(
  written: readonly WrittenCaches[],
  { access, image, warn }: CollectCachesOptions,
): Promise<Pick<TargetOptions, 'cacheFrom' | 'cacheTo'>> {
  const from = written.flatMap(({ cacheFrom, cwd }) =>
    cacheFrom.flatMap((text) => parseCacheFrom(text, { cwd, image, warn }) ?? []),
  );
  const to = written.flatMap(({ cacheTo, cwd }) =>
    cacheTo.flatMap((text) => parseCacheTo(text, { cwd, image, warn }) ?? []),
  );
  const cacheFrom: CacheSource[] = [];
  if (access !== 'none') {
    for (const { source, keyFiles } of onePerPlace(from, ({ source }) => source.location)) {
      cacheFrom.push({ ...source, verify: await readKeys(keyFiles) });
    }
  }
  const cacheTo: CacheTarget[] = [];
  if (access === 'read-write') {
    for (const { target, keyFile } of onePerPlace(to, ({ target }) => target.location)) {
      cacheTo.push({ ...target, ...(keyFile !== undefined && { sign: await readKey(keyFile) }) });
    }
  }
  return { ...(cacheFrom.length > 0 && { cacheFrom }), ...(cacheTo.length > 0 && { cacheTo }) };
}

async function readKeys(paths: readonly string[]): Promise<readonly string[]> {
  if (paths.length === 0) return [];
  const { readVerifyingKeys } = await import('../../settings/read-cache-keys.ts');
  return (await Promise.all(paths.map((path) => readVerifyingKeys(path)))).flat();
}

async function readKey(path: string): Promise<string> {
  const { readSigningKey } = await import('../../settings/read-cache-keys.ts');
  return await readSigningKey(path);
}

/** What is typed comes last, and wins; it is where the first one was. */
function onePerPlace<T>(specs: readonly T[], locationOf: (spec: T) => CacheLocation): readonly T[] {
  return [...new Map(specs.map((spec) => [nameOf(locationOf(spec)), spec])).values()];
}

function nameOf(location: CacheLocation): string {
  return location.type === 'registry'
    ? formatReference(location.reference)
    : `${location.path} ${location.tag}`;
}
