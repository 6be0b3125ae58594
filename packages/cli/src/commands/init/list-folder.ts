import { type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';

/** Folders that are looked into: commands of Go, what a web server shows, the application of a Gradle project. */
const inside = ['cmd', 'public', 'app'];

/**
 * Files and folders (with a `/` behind the name) of a folder, and what lies in the folders that say something of its language: `cmd/server/`, `public/index.php`.
 * @throws CONTEXT_NOT_FOUND
 */
export async function listFolder(folder: string): Promise<ReadonlySet<string>> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error;
    throw fault('CONTEXT_NOT_FOUND', `the folder ${JSON.stringify(folder)} is not there`);
  });
  const nested = await Promise.all(
    entries
      .filter((entry) => entry.isDirectory() && inside.includes(entry.name))
      .map(async ({ name }) => {
        const names = await readdir(join(folder, name), { withFileTypes: true });
        return names.map((entry) => `${name}/${nameOf(entry)}`);
      }),
  );
  return new Set([...entries.map(nameOf), ...nested.flat()].sort());
}

function nameOf(entry: Dirent): string {
  return entry.isDirectory() ? `${entry.name}/` : entry.name;
}
