import type { Clock } from '@onebuild/core';
import type { RegistryClient } from '@onebuild/registry/client';
import type { CacheLocation } from '../build-options.ts';
import type { CachePlace } from './cache-place.ts';
import { cacheName } from './cache-name.ts';

export interface OpenPlaceOptions {
  readonly registry: RegistryClient;
  readonly clock: Clock;
}

/** The cache at a location. Nothing is asked, and no code of it read, until somebody wants something of it. */
export function openPlace(location: CacheLocation, options: OpenPlaceOptions): CachePlace {
  let opened: Promise<CachePlace> | undefined;
  const place = () => (opened ??= createPlace(location, options));
  return {
    ...nameOf(location),
    read: async (signal, onBytes) => (await place()).read(signal, onBytes),
    async *open(descriptor, signal) {
      yield* (await place()).open(descriptor, signal);
    },
    put: async (blob, call) => (await place()).put(blob, call),
    add: async (contents, call) => (await place()).add(contents, call),
    rewrite: async (change, call) => (await place()).rewrite(change, call),
  };
}

function nameOf(location: CacheLocation): Pick<CachePlace, 'name' | 'repository'> {
  const name = cacheName(location);
  if (location.type === 'local') return { name };
  const { registry, repository } = location.reference;
  return { name, repository: { registry, repository } };
}

async function createPlace(
  location: CacheLocation,
  { registry, clock }: OpenPlaceOptions,
): Promise<CachePlace> {
  if (location.type === 'local') {
    const { createLayoutPlace } = await import('./layout-place.ts');
    return createLayoutPlace({ path: location.path, tag: location.tag, clock });
  }
  const { createRegistryPlace } = await import('./registry-place.ts');
  return createRegistryPlace({ registry, reference: location.reference, clock });
}
