import { createReadStream } from 'node:fs';
import type { Digest } from '@onebuild/core';
import type { PushedBlob } from '@onebuild/registry/client';
import type { CacheLocation, CacheTarget, SharedOptions } from '../build-options.ts';
import type { CacheCosts } from '../cache/cache-costs.ts';
import type { CachePlace } from '../cache/cache-place.ts';
import { openPlace } from '../cache/open-place.ts';
import { allEnded } from '../graph/all-ended.ts';
import type { Store } from '../store/store.ts';
import type { ImageLayer } from './export-layers.ts';

/** Blobs on their way to caches while the build still runs. */
export interface EarlySending {
  /** Resolves when they are there, or could not be put there: whoever needs them tries again, and tells. */
  send(targets: readonly CacheTarget[], layer: ImageLayer): Promise<void>;
  /** The cache at a location; what went there early is there. */
  place(location: CacheLocation): CachePlace;
}

export interface EarlySendingServices {
  readonly options: Pick<SharedOptions, 'registry' | 'clock' | 'signal'>;
  readonly store: Store;
  readonly costs: CacheCosts;
}

export function createEarlySending({ options, store, costs }: EarlySendingServices): EarlySending {
  const { signal } = options;
  const places = new Map<string, CachePlace>();
  const sent = new Map<string, Promise<PushedBlob>>();
  const keyOf = (place: CachePlace, digest: Digest): string => `${place.name} ${digest}`;

  function open(location: CacheLocation): CachePlace {
    const key = JSON.stringify(location);
    const place = places.get(key) ?? openPlace(location, options);
    places.set(key, place);
    return place;
  }

  async function sendTo(place: CachePlace, { descriptor }: ImageLayer): Promise<void> {
    const path = store.blobs.path(descriptor.digest);
    const content = (start: number) => createReadStream(path, { start, highWaterMark: 1 << 20, signal });
    const key = keyOf(place, descriptor.digest);
    const sending = sent.get(key) ?? place.put({ descriptor, open: content }, { signal });
    sent.set(key, sending);
    try {
      costs.sentBytes += (await sending).sentBytes;
    } catch {
      sent.delete(key);
    }
  }

  return {
    async send(targets, layer) {
      // what another cache has goes from there
      if (layer.source !== undefined) return;
      await allEnded(targets.map(({ location }) => sendTo(open(location), layer)));
    },
    place(location) {
      const place = open(location);
      return {
        ...place,
        async put(blob, how) {
          const early = await sent.get(keyOf(place, blob.descriptor.digest))?.catch(() => undefined);
          return early === undefined ? place.put(blob, how) : { how: early.how, sentBytes: 0 };
        },
      };
    },
  };
}
