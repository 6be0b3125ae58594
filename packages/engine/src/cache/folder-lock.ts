import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { fault, isFault, toFault } from '@onebuild/core';
import { databaseFault } from '../store/database-fault.ts';

/** Milliseconds that somebody waits for others. */
const longestWait = 120_000;

/**
 * Does `work` while no other process, and nobody else in this one, holds the lock of the file at `path`. It ends with its process,
 * however that ends. The file is made where it is missing, and stays empty.
 * @throws STORE_LOCKED, CACHE_DAMAGED, FILE_ACCESS, DISK_FULL, CANCELED, and what `work` throws
 */
export async function withFolderLock<T>(
  path: string,
  work: () => Promise<T>,
  { signal }: { readonly signal: AbortSignal },
): Promise<T> {
  if (signal.aborted) throw fault('CANCELED', `the wait for ${path} was canceled`);
  const db = open(path);
  try {
    const until = performance.now() + longestWait;
    while (!tryLock(db, path)) {
      if (performance.now() > until) {
        throw fault('STORE_LOCKED', `the cache of ${path} is in use by another process`, {
          hint: 'Wait until it ends, or name another folder.',
        });
      }
      await sleep(2 + Math.random() * 20, undefined, { signal }).catch((error: unknown) => {
        throw toFault(error);
      });
    }
    // nothing was written, so there is nothing to commit: closing gives the lock back
    return await work();
  } finally {
    db.close();
  }
}

function open(path: string): DatabaseSync {
  try {
    return new DatabaseSync(path, { timeout: 0 });
  } catch (error) {
    throw databaseFault(error, path);
  }
}

function tryLock(db: DatabaseSync, path: string): boolean {
  try {
    db.exec('BEGIN IMMEDIATE');
    return true;
  } catch (error) {
    const known = databaseFault(error, path);
    if (isFault(known, 'STORE_LOCKED')) return false;
    if (!isFault(known, 'STORE_CORRUPT')) throw known;
    throw fault('CACHE_DAMAGED', `${path} is no lock`, { hint: 'Remove that file.', cause: error });
  }
}
