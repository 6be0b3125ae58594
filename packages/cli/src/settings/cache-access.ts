import { fault, suggest } from '@onebuild/core';
import type { CliContext } from '../cli-context.ts';

/** What a build may do with caches: a build of what anybody may propose reads, and does not write. */
export const cacheAccesses = ['read-write', 'read', 'none'] as const;

export type CacheAccess = (typeof cacheAccesses)[number];

/**
 * `--cache-access`, else ONEBUILD_CACHE_ACCESS.
 * @throws USAGE
 */
export function findCacheAccess({ env }: Pick<CliContext, 'env'>, flag: string | undefined): CacheAccess {
  const text = flag ?? (env['ONEBUILD_CACHE_ACCESS'] || 'read-write');
  const access = cacheAccesses.find((known) => known === text);
  if (access !== undefined) return access;
  const close = suggest(text, cacheAccesses);
  throw fault('USAGE', `ONEBUILD_CACHE_ACCESS cannot be ${JSON.stringify(text)}`, {
    hint: `${close === undefined ? '' : `Did you mean ${close}? `}It can be ${cacheAccesses.join(', ')}.`,
  });
}
