import type { Clock } from '@onebuild/core';
import { fault } from '@onebuild/core';
import { formatReference, type Reference } from '@onebuild/oci';
import type { RegistryClient } from '@onebuild/registry/client';
import { addToRegistry, rewriteRegistry } from './add-to-registry.ts';
import type { CachePlace } from './cache-place.ts';
import { createDeleteSegments } from './delete-segments.ts';
import { readRegistryState } from './registry-state.ts';

export interface RegistryPlaceOptions {
  readonly registry: RegistryClient;
  /** A cache named by digest is read as it was, and not written. */
  readonly reference: Reference;
  readonly clock: Clock;
  /** Milliseconds after which a merge is left to the next one who writes. Default, and most that others allow for: a minute. */
  readonly mergeMs?: number;
}

/** A cache beside images: an artifact under a tag, with the parts that are not merged into it yet under tags of their own. */
export function createRegistryPlace(options: RegistryPlaceOptions): CachePlace {
  const { registry: client, reference, clock, mergeMs } = options;
  const name = formatReference(reference);
  const cacheFor = (signal: AbortSignal) => ({
    client,
    reference,
    now: clock(),
    signal,
    ...(mergeMs !== undefined && { mergeMs }),
  });
  const deleteSegments = createDeleteSegments(client, reference);
  const refuseDigest = () => {
    if (reference.digest === undefined) return;
    throw fault('USAGE', `cache ${name} cannot be written: its name has a digest`, {
      hint: 'Leave out `@sha256:...` where the cache is written.',
    });
  };
  return {
    name,
    repository: { registry: reference.registry, repository: reference.repository },
    async read(signal, onBytes) {
      const cache = { ...cacheFor(signal), ...(onBytes && { onBytes }) };
      const state = await readRegistryState(cache, 'pull');
      const nothing = state.main === undefined && state.merged.size === 0;
      return nothing ? undefined : state.contents;
    },
    open: (descriptor, signal) => client.blob(reference, descriptor, { signal }),
    put: (blob, options) => client.pushBlob(reference, blob, options),
    async add(contents, { limits, signal }) {
      refuseDigest();
      const removable = await addToRegistry(cacheFor(signal), { contents, limits });
      await deleteSegments(removable, signal);
    },
    async rewrite(change, { signal }) {
      refuseDigest();
      const removable = await rewriteRegistry(cacheFor(signal), change);
      await deleteSegments(removable, signal);
    },
  };
}
