import type { Clock } from '@onebuild/core';
import type { StoreItem } from './cache-db.ts';
import { folderSize } from './folder-size.ts';
import { itemPath } from './item-path.ts';
import { isOwnerAlive } from './process-owner.ts';
import { removeItem } from './remove-item.ts';
import { removeStrays } from './remove-strays.ts';
import { releaseReserve } from './reserve.ts';
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
 * Removes what was not used for the longest time, and what killed processes left. Safe beside running builds: what one of them used since
 * it began stays, and an item leaves the accounts before its files go, so that nobody finds half of it. Works on a full disk, too.
 */
export async function collectStore(options: CollectOptions): Promise<Collected> {
  if (options.dryRun !== true) releaseReserve(options.home);
  const store = await openStore(options.home, options.clock);
  try {
    const items = await measured(store);
    const inUseSince = oldestBuild(store, options.clock());
    const keepSince =
      options.keepDays === undefined ? Number.POSITIVE_INFINITY : options.clock() - options.keepDays * day;
    const folders = new Map(items.filter(({ kind }) => kind === 'layer').map((item) => [item.id, item]));
    let size = items.reduce((sum, item) => sum + item.size, 0);
    const removed = new Set<StoreItem>();
    const remove = async (item: StoreItem): Promise<void> => {
      if (removed.has(item)) return;
      if (options.dryRun !== true && !(await removeItem(store, item))) return;
      removed.add(item);
      size -= item.size;
    };
    for (const item of items) {
      options.signal?.throwIfAborted();
      if (item.used >= inUseSince) continue;
      const begun = item.used === 0;
      const tooOld = options.keepDays !== undefined && item.used < keepSince;
      const tooMuch = options.keepBytes !== undefined && size > options.keepBytes;
      const everything = options.keepDays === undefined && options.keepBytes === undefined;
      if (!begun && !tooOld && !tooMuch && !everything) continue;
      // an unpacked layer is of no use without its listing, and must never be found so
      const folder = item.kind === 'index' ? folders.get(item.id) : undefined;
      if (folder !== undefined && folder.used < inUseSince) await remove(folder);
      await remove(item);
    }
    if (options.dryRun !== true) {
      await removeStrays(store, options.clock());
      store.db.prune(options.clock() - 90 * day);
      store.db.pruneLocks(isOwnerAlive);
    }
    const removedSize = [...removed].reduce((sum, item) => sum + item.size, 0);
    return { removed: [...removed], removedSize, keptSize: size };
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
