import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOwnerAlive } from '../store/process-owner.ts';
import { makeMountFolder, type MountUse } from './make-mount-folder.ts';
import type { OperationServices } from './operation-services.ts';
import type { CacheMountSpec } from './travelling-mounts.ts';

export { mountName } from './mount-content.ts';

export interface CacheMount {
  readonly folder: string;
  /** To be called when a command with the mount has ended. */
  used(): void;
  release(): Promise<void>;
}

/** Milliseconds. */
const pollTime = 100;

/**
 * The folder of a `RUN --mount=type=cache`. `locked`: one holder at a time, over all processes of the store; `private`: another folder for
 * each holder at the same time; `shared`: one folder, no lock. Of a private mount's folders only the first one travels.
 */
export async function acquireCacheMount(
  services: OperationServices,
  mount: CacheMountSpec,
  { name, context }: Pick<MountUse, 'name' | 'context'>,
): Promise<CacheMount> {
  if (mount.sharing === 'shared') return openMount(services, mount, { name, travels: true, context });
  for (let place = 0; ; place++) {
    const id = mount.sharing === 'private' && place > 0 ? `${name}-${place}` : name;
    const unlock = tryLock(services, `mount:${id}`);
    if (unlock !== undefined) {
      try {
        const opened = await openMount(services, mount, { name: id, travels: id === name, context });
        return { ...opened, release: async () => unlock() };
      } catch (error) {
        unlock();
        throw error;
      }
    }
    if (mount.sharing === 'locked') await sleep(pollTime, undefined, { signal: context.signal });
  }
}

async function openMount(
  services: OperationServices,
  mount: CacheMountSpec,
  use: MountUse,
): Promise<CacheMount> {
  const folder = await cacheFolder(services, mount, use);
  return {
    folder,
    used() {
      if (use.travels && !mount.readonly) services.mounts?.used(mount, use.name);
    },
    release: async () => undefined,
  };
}

/** The folder, made when it isn't there; whoever asks for it while it is being made waits for that. */
async function cacheFolder(
  services: OperationServices,
  mount: CacheMountSpec,
  use: MountUse,
): Promise<string> {
  const { name, context } = use;
  const { db, mountsDir } = services.store;
  for (;;) {
    if (db.touch('mount', name)) return `${mountsDir}/${name}`;
    const unlock = tryLock(services, `mount:${name}/new`);
    if (unlock !== undefined) {
      try {
        return await makeMountFolder(services, mount, use);
      } finally {
        unlock();
      }
    }
    await sleep(pollTime, undefined, { signal: context.signal });
  }
}

/** @returns what gives the lock back; undefined where somebody else has it, in this process or in another one that lives */
function tryLock({ store }: OperationServices, lock: string): (() => void) | undefined {
  const owner = `${store.owner}:${randomUUID()}`;
  if (!store.db.tryLock(lock, owner, isOwnerAlive)) return undefined;
  return () => store.db.unlock(lock, owner);
}
