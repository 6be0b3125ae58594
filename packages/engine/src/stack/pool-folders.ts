import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '@onebuild/core';
import { digestHex } from '@onebuild/oci';
import type { Store } from '../store/store.ts';

/** Where layers lie in the store. */
export interface PoolFolders {
  /** Where a layer's folder is, or will be. */
  at(id: Digest): string;
  /** The folder of an unpacked layer that is there. */
  stored(id: Digest): string | undefined;
  /** The same, where its listing is there, too. */
  listed(id: Digest): string | undefined;
  /** An empty folder for work. */
  temp(): Promise<string>;
}

export function createPoolFolders(store: Store): PoolFolders {
  const at = (id: Digest): string => join(store.layersDir, digestHex(id));
  const stored = (id: Digest): string | undefined => (store.db.touch('layer', id) ? at(id) : undefined);
  return {
    at,
    stored,
    listed: (id) => (store.db.touch('index', id) ? stored(id) : undefined),
    async temp() {
      const folder = join(store.temp, `layer-${randomUUID()}`);
      await mkdir(folder);
      return folder;
    },
  };
}
