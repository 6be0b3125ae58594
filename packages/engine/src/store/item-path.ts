import { join } from 'node:path';
import type { Digest } from '@onebuild/core';
import { digestHex } from '@onebuild/oci';
import type { StoreItem } from './cache-db.ts';
import type { Store } from './store.ts';

/** Where an item is on disk. */
export function itemPath(store: Store, item: Pick<StoreItem, 'kind' | 'id'>): string {
  switch (item.kind) {
    case 'blob':
      return store.blobs.path(item.id as Digest);
    case 'layer':
      return join(store.layersDir, digestHex(item.id as Digest));
    case 'index':
      return join(store.indexDir, digestHex(item.id as Digest));
    case 'mount':
      return join(store.mountsDir, item.id);
    case 'source':
      return join(store.sourcesDir, item.id);
  }
}
