import { type Digest, fault } from '@onebuild/core';
import { baseName, parentPath } from '../tree/path.ts';
import { contextFault } from './context-fault.ts';
import type { FileHashCache } from './file-hash-cache.ts';
import { decodeFolderHashes, encodeFolderHashes, type KnownFile } from './folder-hashes.ts';
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
  const { hashes } = options;
  const unknown = new Map<string, FolderEntry>();
  const kept = new Map<string, Map<string, KnownFile>>();
  for (const path of paths) {
    if (folder.digests.has(path) || unknown.has(path)) continue;
    const found = folder.entry(path);
    if (found?.entry.type !== 'file') throw fault('CONTEXT_CHANGED', `${JSON.stringify(path)} is not a file`);
    const known = hashes && keptFiles(kept, { folder, hashes, path: parentPath(path) }).get(baseName(path));
    if (known !== undefined && sameStamp(known.stamp, found.stamp)) folder.digests.set(path, known.digest);
    else unknown.set(path, found);
  }
  if (unknown.size > 0) await readDigests(folder, { unknown, kept }, options);
  return paths.map((path) => folder.digests.get(path) as Digest);
}

type KeptFiles = Map<string, Map<string, KnownFile>>;

function keptFiles(
  kept: KeptFiles,
  {
    folder,
    hashes,
    path,
  }: { readonly folder: FolderReader; readonly hashes: FileHashCache; readonly path: string },
): Map<string, KnownFile> {
  let files = kept.get(path);
  if (files === undefined) {
    files = decodeFolderHashes(hashes.get(folder.hostPath(path)));
    kept.set(path, files);
  }
  return files;
}

async function readDigests(
  folder: FolderReader,
  { unknown, kept }: { readonly unknown: ReadonlyMap<string, FolderEntry>; readonly kept: KeptFiles },
  options: FolderTreeOptions,
): Promise<void> {
  const { hashes, signal, clock = Date.now } = options;
  const files = [...unknown].map(([path, { entry }]) => ({ path: folder.hostPath(path), size: entry.size }));
  const results = await hashFiles(files, signal);
  const now = clock();
  const changed = new Set<string>();
  [...unknown].forEach(([path, { entry, stamp }], at) => {
    const result = results[at] as HashedFile | NodeJS.ErrnoException;
    if (!('digest' in result)) throw readFault(result, path);
    if (result.size !== entry.size) {
      throw fault('CONTEXT_CHANGED', `${JSON.stringify(path)} changed while it was read`);
    }
    folder.digests.set(path, result.digest);
    const settled = now - Math.max(stamp.mtimeMs, stamp.ctimeMs) >= settleTime;
    if (!settled || !sameStamp(stamp, result.stamp)) return;
    kept.get(parentPath(path))?.set(baseName(path), { stamp, digest: result.digest });
    changed.add(parentPath(path));
  });
  for (const path of changed) {
    const names = new Set(folder.list(path));
    const there = [...(kept.get(path) ?? [])].filter(([name]) => names.has(name));
    hashes?.set(folder.hostPath(path), encodeFolderHashes(there));
  }
}

function readFault(error: NodeJS.ErrnoException, path: string): Error {
  const gone = error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'ELOOP';
  if (!gone) return contextFault(error, path);
  return fault('CONTEXT_CHANGED', `${JSON.stringify(path)} is no longer the file it was`, { cause: error });
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
