import { relative } from 'node:path';
import { folderSize } from './folder-size.ts';
import type { Store } from './store.ts';

/** Takes what was fetched to `path`, below the sources' folder, into the accounts. */
export async function accountSource(store: Store, path: string): Promise<void> {
  const [name = ''] = relative(store.sourcesDir, path).split('/');
  if (name === '' || name === '..' || store.db.touch('source', name)) return;
  store.db.put('source', name, await folderSize(`${store.sourcesDir}/${name}`));
}
