import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { StoreItem } from './cache-db.ts';
import { itemPath } from './item-path.ts';
import type { Store } from './store.ts';

/**
 * Deletes an item unless it was used since `item.used`. It leaves the accounts and its place in one transaction, as it came, so that
 * nobody who puts the same thing in at that moment ends up with an account and no files.
 *
 * @returns whether it was removed
 */
export async function removeItem(store: Store, item: StoreItem): Promise<boolean> {
  const trash = join(store.temp, `trash-${item.kind}-${item.id.replaceAll(/[^\w-]/g, '-')}`);
  const path = itemPath(store, item);
  const taken = store.db.exclusively(() => {
    if (!store.db.take(item)) return false;
    if (existsSync(path)) renameSync(path, trash);
    if (item.kind === 'source') rmSync(`${path}.json`, { force: true });
    return true;
  });
  if (taken) await removeTree(trash);
  return taken;
}
