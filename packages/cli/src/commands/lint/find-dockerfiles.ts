import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fault } from '@onebuild/core';

/** Folders of others' files, which nobody wants to hear of. */
const foreign = new Set(['node_modules', 'vendor', 'target', 'dist']);
const deepest = 12;
const mostFiles = 1000;

/**
 * The Dockerfiles that a path means: a file itself, a folder's by their names (`Dockerfile`, `Dockerfile.x`, `x.Dockerfile`, `Containerfile`),
 * those of folders in it too; hidden folders and links are left out. Sorted.
 * @param mayBeEmpty - no error where a folder has none
 * @throws DOCKERFILE_NOT_FOUND
 */
export async function findDockerfiles(path: string, mayBeEmpty = false): Promise<readonly string[]> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) throw fault('DOCKERFILE_NOT_FOUND', `there is no ${path}`);
  if (!found.isDirectory()) return [path];
  const files: string[] = [];
  await search(path, 0, files);
  if (files.length === 0 && !mayBeEmpty) {
    throw fault('DOCKERFILE_NOT_FOUND', `there is no Dockerfile in ${path}`, {
      hint: 'Files of other names can be named: onebuild lint FILE.',
    });
  }
  return files;
}

async function search(folder: string, depth: number, files: string[]): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(folder, entry.name);
    if (entry.isFile() && isDockerfile(entry.name)) files.push(path);
    if (files.length > mostFiles) {
      throw fault('USAGE', `there are more than ${mostFiles} Dockerfiles`, { hint: 'Name smaller folders.' });
    }
    const isOwn = entry.isDirectory() && !entry.name.startsWith('.') && !foreign.has(entry.name);
    if (isOwn && depth < deepest) await search(path, depth + 1, files);
  }
}

function isDockerfile(name: string): boolean {
  const isNamed = /^(?:Dockerfile|Containerfile)(?:[.-].+)?$|\.(?:Dockerfile|Containerfile)$/i.test(name);
  if (!isNamed || name.endsWith('~')) return false;
  if (
    /\.(?:dockerignore|containerignore|md|txt|html|orig|bak|swp|json|ya?ml|j2|tmpl|tpl|template|in|erb|m4)$/i.test(
      name,
    )
  )
    return false;
  // `dockerfile.go` is a program about Dockerfiles, `Dockerfile.go` a Dockerfile for programs
  return !/^[dc].*\.(?:go|rs|py|rb|js|ts|java|sh)$/.test(name);
}
