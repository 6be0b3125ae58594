import { randomUUID } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { chmod, chown, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { beginMountRecord } from '../freshness/mount-record.ts';
import type { StepContext } from '../graph/node.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import { copySubtree } from './copy-subtree.ts';
import { sourceTree } from './file-source.ts';
import type { OperationServices } from './operation-services.ts';
import type { CacheMountSpec } from './travelling-mounts.ts';

export interface MountUse {
  /** Of the folder. */
  readonly name: string;
  /** Whether it comes from other machines, and goes there. */
  readonly travels: boolean;
  readonly context: StepContext;
}

/**
 * The folder of a cache mount that nobody else makes at the same time: as it comes from elsewhere, else filled from `from`, else empty; put in
 * place by rename. One that is there already stays: a process died before it told, or a removal that has begun ends here.
 */
export async function makeMountFolder(
  services: OperationServices,
  mount: CacheMountSpec,
  { name, travels, context }: MountUse,
): Promise<string> {
  const { store } = services;
  const folder = join(store.mountsDir, name);
  const keep = (): boolean =>
    store.db.exclusively(() => {
      if (!existsSync(folder)) return false;
      store.db.put('mount', name, 0);
      return true;
    });
  if (keep()) return folder;
  const temp = join(store.temp, `mount-${randomUUID()}`);
  try {
    await mkdir(temp, { mode: 0o700 });
    const isRestored = travels && (await services.mounts?.restore(mount, name, temp, context)) === true;
    if (!isRestored) {
      await removeTree(temp);
      await mkdir(temp, { mode: 0o700 });
      await fill(services, mount, { temp, context });
    }
    store.db.exclusively(() => {
      renameSync(temp, folder);
      if (!isRestored && mount.from === undefined) beginMountRecord(store.db, name);
      store.db.put('mount', name, 0);
    });
    return folder;
  } finally {
    await removeTree(temp);
  }
}

async function fill(
  services: OperationServices,
  mount: CacheMountSpec,
  { temp, context }: { readonly temp: string; readonly context: StepContext },
): Promise<void> {
  if (mount.from === undefined) {
    await chown(temp, mount.uid, mount.gid);
    await chmod(temp, mount.mode);
    return;
  }
  const tree = await sourceTree(mount.from, context);
  await copySubtree(services, { tree, path: mount.source, to: temp }, context.signal);
}
