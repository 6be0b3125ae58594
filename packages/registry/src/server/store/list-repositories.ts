import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { unlessMissing } from './file-steps.ts';
import type { StorePaths } from './store-paths.ts';

/** Names of all repositories that have the room (`_manifests`, `_blobs`, `_uploads`), in ASCII order. */
export async function listRepositories(paths: StorePaths, room: string): Promise<string[]> {
  const found: string[] = [];
  const pending = [''];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    const entries = await unlessMissing(readdir(join(paths.repositories, name), { withFileTypes: true }));
    for (const entry of entries ?? []) {
      if (!entry.isDirectory()) continue;
      if (entry.name === room && name !== '') found.push(name);
      else if (!entry.name.startsWith('_')) pending.push(name === '' ? entry.name : `${name}/${entry.name}`);
    }
  }
  return found.sort();
}
