import type { Clock } from '@onebuild/core';
import { type ItemKind, itemKinds } from './cache-db.ts';
import { folderSize } from './folder-size.ts';
import { itemPath } from './item-path.ts';
import { openStore } from './store.ts';

export interface KindUsage {
  readonly kind: ItemKind;
  readonly count: number;
  /** bytes on disk */
  readonly size: number;
  /** Milliseconds since the Unix epoch; undefined where there is none. */
  readonly lastUsed: number | undefined;
}

export interface StoreUsage {
  readonly home: string;
  readonly kinds: readonly KindUsage[];
  /** bytes on disk */
  readonly size: number;
}

/** What the store holds, by kind. Measures cache mounts, whose size nobody accounts for. */
export async function storeUsage(options: {
  readonly home: string;
  readonly clock: Clock;
}): Promise<StoreUsage> {
  const store = await openStore(options.home, options.clock);
  try {
    const kinds: KindUsage[] = [];
    for (const kind of itemKinds) {
      const items = store.db.items().filter((item) => item.kind === kind);
      let size = 0;
      for (const item of items)
        size += kind === 'mount' ? await folderSize(itemPath(store, item)) : item.size;
      kinds.push({ kind, count: items.length, size, lastUsed: items.at(-1)?.used });
    }
    return { home: options.home, kinds, size: kinds.reduce((sum, { size }) => sum + size, 0) };
  } finally {
    await store.close();
  }
}
