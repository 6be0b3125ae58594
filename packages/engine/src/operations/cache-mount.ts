import { randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestHex, digestOf } from '@onebuild/oci';
import { beginMountRecord } from '../freshness/mount-record.ts';
import type { StepContext } from '../graph/node.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import { isOwnerAlive } from '../store/process-owner.ts';
import { copySubtree } from './copy-subtree.ts';
import type { ExecMount } from './exec-spec.ts';
import { sourceTree } from './file-source.ts';
import type { OperationServices } from './operation-services.ts';

export interface CacheMount {
  readonly folder: string;
  release(): Promise<void>;
}

const pollMs = 100;

/**
 * The folder of a `RUN --mount=type=cache`. `locked`: one holder at a time, over all processes of the store; `private`: another folder for
 * each holder at the same time; `shared`: one folder, no lock.
 */
export async function acquireCacheMount(
  services: OperationServices,
  mount: ExecMount & { type: 'cache' },
  context: StepContext,
): Promise<CacheMount> {
  const { store } = services;
  const name = digestHex(digestOf(mount.id)).slice(0, 32);
  const owner = `${store.owner}:${randomUUID()}`;
  if (mount.sharing === 'shared') {
    return { folder: await cacheFolder(services, mount, name, context), release: async () => {} };
  }
  for (let place = 0; ; place++) {
    const id = mount.sharing === 'private' && place > 0 ? `${name}-${place}` : name;
    const lock = `mount:${id}`;
    if (store.db.tryLock(lock, owner, isOwnerAlive)) {
      const release = async () => store.db.unlock(lock, owner);
      try {
        return { folder: await cacheFolder(services, mount, id, context), release };
      } catch (error) {
        await release();
        throw error;
      }
    }
    if (mount.sharing === 'locked') await sleep(pollMs, undefined, { signal: context.signal });
  }
}

/** Makes the folder when it isn't there: filled from `from`, then put in place by rename. */
async function cacheFolder(
  services: OperationServices,
  mount: ExecMount & { type: 'cache' },
  name: string,
  context: StepContext,
): Promise<string> {
  const { store } = services;
  const folder = join(store.mountsDir, name);
  if (store.db.touch('mount', name)) return folder;
  const temp = join(store.temp, `mount-${randomUUID()}`);
  await mkdir(temp);
  if (mount.from === undefined) {
    await chown(temp, mount.uid, mount.gid);
    await chmod(temp, mount.mode);
  } else {
    const tree = await sourceTree(mount.from, context);
    await copySubtree(services, { tree, path: mount.source, to: temp }, context.signal);
  }
  try {
    await rename(temp, folder);
    if (mount.from === undefined) beginMountRecord(store.db, name);
  } catch {
    await removeTree(temp);
  }
  store.db.put('mount', name, 0);
  return folder;
}
