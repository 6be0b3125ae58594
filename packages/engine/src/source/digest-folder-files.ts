import { type Digest, fault } from '@onebuild/core';
import { contextFault } from './context-fault.ts';
import type { FolderEntry, FolderReader, FolderTreeOptions } from './folder-tree.ts';
import type { FileStamp, HashedFile } from './hash-file.ts';
import { hashFiles } from './hash-files.ts';

/** A file may change without a new time within the clock's tick; until it is this old its hash isn't kept. Milliseconds. */
const settleTime = 2000;

/**
 * Digests of files of a folder, from the cache where their stamp is known, else by reading them.
 * @throws CONTEXT_READ, CONTEXT_CHANGED when a file isn't what it was listed as
 */
export async function digestFolderFiles(
  folder: FolderReader,
  paths: readonly string[],
  options: FolderTreeOptions,
): Promise<readonly Digest[]> {
  const unknown = new Map<string, FolderEntry>();
  for (const path of paths) {
    if (folder.digests.has(path) || unknown.has(path)) continue;
    const found = folder.entry(path);
    if (found?.entry.type !== 'file') throw fault('CONTEXT_CHANGED', `${JSON.stringify(path)} is not a file`);
    const known = options.hashes?.get(keyOf(folder.hostPath(path), found.stamp, options.hashKeySalt));
    if (known === undefined) unknown.set(path, found);
    else folder.digests.set(path, known);
  }
  if (unknown.size > 0) await readDigests(folder, unknown, options);
  return paths.map((path) => folder.digests.get(path) as Digest);
}

async function readDigests(
  folder: FolderReader,
  unknown: ReadonlyMap<string, FolderEntry>,
  options: FolderTreeOptions,
): Promise<void> {
  const { hashes, hashKeySalt, signal, clock = Date.now } = options;
  const files = [...unknown].map(([path, { entry }]) => ({ path: folder.hostPath(path), size: entry.size }));
  const results = await hashFiles(files, signal);
  const now = clock();
  [...unknown].forEach(([path, { entry, stamp }], at) => {
    const result = results[at] as HashedFile | NodeJS.ErrnoException;
    if (!('digest' in result)) throw readFault(result, path);
    if (result.size !== entry.size) {
      throw fault('CONTEXT_CHANGED', `${JSON.stringify(path)} changed while it was read`);
    }
    folder.digests.set(path, result.digest);
    const settled = now - Math.max(stamp.mtimeMs, stamp.ctimeMs) >= settleTime;
    if (settled && sameStamp(stamp, result.stamp)) {
      hashes?.set(keyOf(folder.hostPath(path), stamp, hashKeySalt), result.digest);
    }
  });
}

function readFault(error: NodeJS.ErrnoException, path: string): Error {
  const gone = error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ELOOP';
  if (!gone) return contextFault(error, path);
  return fault('CONTEXT_CHANGED', `${JSON.stringify(path)} is no longer the file it was`, { cause: error });
}

function keyOf(path: string, { dev, ino, size, mtimeMs, ctimeMs }: FileStamp, salt = ''): string {
  return `${salt}:${dev}:${ino}:${size}:${mtimeMs}:${ctimeMs}:${path}`;
}

function sameStamp(one: FileStamp, other: FileStamp): boolean {
  return (
    one.ino === other.ino &&
    one.dev === other.dev &&
    one.size === other.size &&
    one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs
  );
}
