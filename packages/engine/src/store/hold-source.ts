import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { folderSize } from './folder-size.ts';
import type { Store } from './store.ts';

/**
 * Fetches something into the sources' folder and takes it into the accounts, so that it stays while this process runs. Where a collection
 * took it away between the two, it is fetched again.
 */
export async function holdSource<T extends { readonly path: string }>(
  store: Store,
  fetch: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    const found = await fetch();
    const [name = ''] = relative(store.sourcesDir, found.path).split('/');
    if (name === '' || name === '..' || (await isHeld(store, name)) || tries === 3) return found;
  }
}

async function isHeld(store: Store, name: string): Promise<boolean> {
  const path = join(store.sourcesDir, name);
  if (store.db.touch('source', name)) return existsSync(path);
  const size = await folderSize(path);
  return store.db.exclusively(() => {
    if (!existsSync(path)) return false;
    store.db.put('source', name, size);
    return true;
  });
}
