import { fault, isFault, type OneBuildError, withFact } from '@onebuild/core';

/** CACHE_DAMAGED for the cache that `name` names. */
export function cacheDamaged(
  name: string,
  why: string,
  options: { readonly hint?: string; readonly cause?: unknown } = {},
): OneBuildError {
  return fault('CACHE_DAMAGED', `cache ${name}: ${why}`, options);
}

/** The fault with the cache's name; what means that the cache holds something else than it should becomes CACHE_DAMAGED. */
export function asDamaged(error: unknown, name: string): unknown {
  if (isFault(error, 'CACHE_DAMAGED')) {
    return error.message.includes(name) ? error : withFact(error, `cache ${name}`);
  }
  if (!isFault(error, 'BLOB_NOT_FOUND', 'DIGEST_MISMATCH', 'DIGEST_INVALID', 'MANIFEST_INVALID'))
    return error;
  return cacheDamaged(name, error.message, { cause: error });
}
