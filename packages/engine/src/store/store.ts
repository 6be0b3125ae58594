import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Clock, fault, type OneBuildError, toFault } from '@onebuild/core';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { FileHashCache } from '../source/file-hash-cache.ts';
import type { BlobStore } from './blob-store.ts';
import { CacheDb } from './cache-db.ts';
import { createFsBlobStore } from './fs-blob-store.ts';
import { isOwnerAlive, processOwner } from './process-owner.ts';
import { keepReserve } from './reserve.ts';
import { makeTempFolder } from './temp-folder.ts';

/** `ONEBUILD_HOME`, opened. Several processes may have the same one open. */
export interface Store {
  readonly home: string;
  readonly blobs: BlobStore;
  readonly db: CacheDb;
  readonly fileHashes: FileHashCache;
  /** Unpacked layers, `layers/<hex of the layer's id>`. */
  readonly layersDir: string;
  /** Listings of layers, `index/<hex>`. */
  readonly indexDir: string;
  /** Cache mounts. */
  readonly mountsDir: string;
  /** Fetched files and repositories. */
  readonly sourcesDir: string;
  /** This process' own folder for work in progress; gone after `close`. */
  readonly temp: string;
  /** `pid:start` of this process, for locks. */
  readonly owner: string;
  /** `exiting`: the process exits next, which spares taking the database's log away. */
  close(options?: { readonly exiting?: boolean }): Promise<void>;
}

/** Opens the store at `home`, makes it when it isn't there, and clears what dead processes left in its temp folder. */
export async function openStore(home: string, clock: Clock): Promise<Store> {
  const at = (name: string) => join(home, name);
  const owner = processOwner(process.pid);
  let temp: string;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    for (const name of ['blobs/sha256', 'layers', 'index', 'mounts', 'sources']) {
      mkdirSync(at(name), { recursive: true, mode: 0o700 });
    }
    temp = makeTempFolder(home);
  } catch (error) {
    throw openFault(error, home);
  }
  const lease = `lease:${String(clock()).padStart(15, '0')}:${randomUUID()}`;
  const db = await openDatabase(at('cache.db'), { clock, lease, owner }).catch(async (error: unknown) => {
    await removeTemp(temp);
    throw error;
  });
  const removal = removeLeftovers(at('tmp'));
  return {
    home,
    db,
    blobs: createFsBlobStore({
      root: at('blobs'),
      temp,
      accounts: {
        touch: (digest) => db.touch('blob', digest),
        put: (digest, size) => db.put('blob', digest, size),
        exclusively: (work) => db.exclusively(work),
      },
    }),
    fileHashes: {
      get: (folder) => db.fileHashes(folder),
      set: (folder, hashes) => db.setFileHashes(folder, hashes),
    },
    layersDir: at('layers'),
    indexDir: at('index'),
    mountsDir: at('mounts'),
    sourcesDir: at('sources'),
    temp,
    owner,
    async close({ exiting = false } = {}) {
      await removal;
      await removeTemp(temp);
      keepReserve(home);
      try {
        db.unlock(lease, owner);
      } catch {
        // on a full disk; it ends with this process
      }
      if (exiting) db.leave();
      else db.close();
    },
  };
}

async function openDatabase(
  path: string,
  { clock, lease, owner }: { readonly clock: Clock; readonly lease: string; readonly owner: string },
): Promise<CacheDb> {
  const db = new CacheDb(path, () => clock());
  try {
    db.tryLock(lease, owner, isOwnerAlive);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function openFault(error: unknown, home: string): OneBuildError {
  const { code, message } = toFault(error);
  if (code === 'DISK_FULL') return toFault(error);
  return fault('FILE_ACCESS', `cannot make the store at ${home}: ${message}`, {
    hint: 'Name a folder you may write with ONEBUILD_HOME or `--home`.',
    cause: error,
  });
}

/** What cannot be removed now goes when the next process opens the store. */
async function removeTemp(temp: string): Promise<void> {
  try {
    rmdirSync(temp);
  } catch {
    await removeTree(temp).catch(() => undefined);
  }
}

/** Temp folders are named after their process; those of dead ones go. */
async function removeLeftovers(root: string): Promise<void> {
  for (const name of readdirSync(root)) {
    const [pid, start] = name.split('-', 2);
    if (isOwnerAlive(`${pid}:${start}`)) continue;
    await removeTree(join(root, name)).catch(() => undefined);
  }
}
