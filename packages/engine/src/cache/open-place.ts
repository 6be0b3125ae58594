import type { Clock } from '@onebuild/core';
import type { RegistryClient } from '@onebuild/registry/client';
import type { CacheLocation } from '../build-options.ts';
import type { CachePlace } from './cache-place.ts';
export async function openPlace(
  _l: CacheLocation,
  _o: { registry: RegistryClient; clock: Clock },
): Promise<CachePlace> {
  throw new Error('x');
}
