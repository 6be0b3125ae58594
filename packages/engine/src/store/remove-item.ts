import { existsSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { StoreItem } from './cache-db.ts';
import { itemPath } from './item-path.ts';
import type { Store } from './store.ts';

/**
 * Deletes an item unless it was used since `item.used`. First it is condemned, so that nobody finds it any more, also when this process
 * dies in the middle; then it leaves its place and the accounts in one transaction, unless somebody has put the same thing in meanwhile.
 *
 * @returns whether it was removed
 */
export async function removeItem(store: Store, item: StoreItem): Promise<boolean> {
  if (!store.db.condemn(item)) return false;
  const trash = join(store.temp, `trash-${item.kind}-${item.id.replaceAll(/[^\w-]/g, '-')}`);
  const path = itemPath(store, item);
  const taken = store.db.exclusively(() => {
    if (!store.db.drop(item)) return false;
    if (existsSync(path)) renameSync(path, trash);
    if (item.kind === 'source') rmSync(`${path}.json`, { force: true });
    return true;
  });
  if (taken) await removeTree(trash);
  return taken;
}
