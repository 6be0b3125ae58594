import { mkdir } from 'node:fs/promises';
import { fault, isFault, toFault } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { timed } from '../cache/cache-costs.ts';
import { collectBytes } from '../cache/collect-bytes.ts';
import type { RemoteMount } from '../cache/remote-cache.ts';
import { setMountFacts } from '../freshness/mount-facts.ts';
import { reportStep } from '../graph/report-step.ts';
import type { CacheMountSpec, TravellingMounts } from '../operations/travelling-mounts.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { TravellingMountsOptions, UsedMount } from './mount-travel.ts';

/** Restores cache mounts when a step that needs them runs, and saves them when the build has ended. */
export function createTravellingMounts(options: TravellingMountsOptions): TravellingMounts {
  const { store, remote, costs, rootless, signal, emit } = options;
  const used = new Map<string, UsedMount>();
  const known = new Set<string>();

  async function restoreFrom(found: RemoteMount, name: string, temp: string): Promise<void> {
    const [{ restoreMount }, { unpackMountListing }, { rememberSaved }] = await Promise.all([
      import('../mount-cache/restore-mount.ts'),
      import('../mount-cache/stored-listing.ts'),
      import('./saved-mounts.ts'),
    ]);
    const { record, blobs, open } = found;
    const before = costs.fetchedBytes;
    const descriptor = blobs.get(record.blob);
    if (descriptor === undefined) throw fault('CACHE_DAMAGED', `it lacks the listing of mount ${record.id}`);
    const blob = await collectBytes(open(descriptor));
    const packs = new Map(record.packs.flatMap((digest) => entryOf(digest, blobs.get(digest))));
    const listing = await unpackMountListing(blob);
    await mkdir(temp, { recursive: true });
    const { facts, state } = await restoreMount({ listing, packs, open, folder: temp, rootless, signal });
    setMountFacts(store.db, name, facts);
    await rememberSaved(store, name, { listing: { descriptor, blob }, packs: [...packs.values()], state });
    costs.mounts.push({ id: record.id, fetchedBytes: costs.fetchedBytes - before, size: record.bytes });
  }

  async function restore(mount: CacheMountSpec, name: string, temp: string): Promise<boolean> {
    for (let found = await remote?.mount(name); found !== undefined; found = await remote?.mount(name)) {
      const { from, leave } = found;
      const one = found;
      try {
        await reportStep(emit, `restore cache mount ${mount.id} from ${from}`, () =>
          timed(costs, 'restoreMs', () => restoreFrom(one, name, temp)),
        );
        return true;
      } catch (error) {
        await removeTree(temp);
        if (signal.aborted || isFault(error, 'CANCELED', 'DISK_FULL')) throw error;
        leave();
        const message = `cache mount ${mount.id} starts empty: ${from}: ${toFault(error).message}`;
        emit({ type: 'warning', rule: 'CacheMountDamaged', message });
      }
    }
    return false;
  }

  return {
    restore,
    known: (name) => void known.add(name),
    used: ({ id, sharing }, name) => void used.set(name, { id, sharing }),
    async save(place, wanted) {
      const { saveMounts } = await import('./save-mounts.ts');
      return saveMounts({ place, used, seen: known, ...wanted }, options);
    },
  };
}

function entryOf(
  digest: string,
  descriptor: Descriptor | undefined,
): readonly (readonly [Descriptor['digest'], Descriptor])[] {
  if (descriptor === undefined) throw fault('CACHE_DAMAGED', `it lacks pack ${digest}`);
  return [[descriptor.digest, descriptor]];
}
