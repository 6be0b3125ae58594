import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@onebuild/core';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { StoreItem } from './cache-db.ts';
import { folderSize } from './folder-size.ts';
import { itemPath } from './item-path.ts';
import { isOwnerAlive } from './process-owner.ts';
import { openStore, type Store } from './store.ts';

export interface CollectOptions {
  readonly home: string;
  readonly clock: Clock;
  /** Keep at most so many bytes; undefined with `keepDays` undefined too: remove everything that is not in use. */
  readonly keepBytes?: number;
  /** Keep what was used in the last so many days. */
  readonly keepDays?: number;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface Collected {
  readonly removed: readonly { readonly kind: string; readonly id: string; readonly size: number }[];
  /** bytes */
  readonly removedSize: number;
  readonly keptSize: number;
}

const day = 86_400_000;

/**
 * Removes what was not used for the longest time. Safe beside running builds: what one of them used since it began stays, and an item
 * leaves the accounts before its files go, so that nobody finds half of it.
 */
export async function collectStore(options: CollectOptions): Promise<Collected> {
  const store = await openStore(options.home, options.clock);
  try {
    const items = await measured(store);
    const inUseSince = oldestBuild(store, options.clock());
    const keepSince =
      options.keepDays === undefined ? Number.POSITIVE_INFINITY : options.clock() - options.keepDays * day;
    let size = items.reduce((sum, item) => sum + item.size, 0);
    const removed: StoreItem[] = [];
    for (const item of items) {
      options.signal?.throwIfAborted();
      if (item.used >= inUseSince) continue;
      const tooOld = options.keepDays !== undefined && item.used < keepSince;
      const tooMuch = options.keepBytes !== undefined && size > options.keepBytes;
      const everything = options.keepDays === undefined && options.keepBytes === undefined;
      if (!tooOld && !tooMuch && !everything) continue;
      if (options.dryRun !== true && !(await removeItem(store, item))) continue;
      removed.push(item);
      size -= item.size;
    }
    if (options.dryRun !== true) store.db.prune(options.clock() - 90 * day);
    return { removed, removedSize: removed.reduce((sum, item) => sum + item.size, 0), keptSize: size };
  } finally {
    await store.close();
  }
}

async function measured(store: Store): Promise<readonly StoreItem[]> {
  return Promise.all(
    store.db
      .items()
      .map(async (item) =>
        item.kind === 'mount' ? { ...item, size: await folderSize(itemPath(store, item)) } : item,
      ),
  );
}

/** Since when running builds, this process apart, may hold something; leases carry the time in their name. */
function oldestBuild(store: Store, now: number): number {
  const times = store.db
    .locks('lease:')
    .filter(({ owner }) => owner !== store.owner && isOwnerAlive(owner))
    .map(({ name }) => Number(name.split(':')[1]));
  const mounts = store.db.locks('mount:').some(({ owner }) => isOwnerAlive(owner));
  return Math.min(now, ...times, ...(mounts ? [0] : []));
}

async function removeItem(store: Store, item: StoreItem): Promise<boolean> {
  if (!store.db.take(item)) return false;
  const trash = join(store.temp, `trash-${item.kind}-${item.id.replaceAll(/[^\w-]/g, '-')}`);
  try {
    await rename(itemPath(store, item), trash);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return true;
    throw error;
  }
  await removeTree(trash);
  if (item.kind === 'source') await rm(`${itemPath(store, item)}.json`, { force: true });
  return true;
}
