import { setTimeout as sleep } from 'node:timers/promises';
import type { Store } from '../store/store.ts';
import type { Sighting, Viewer } from './known-time.ts';
import { keepMountRecord, readMountRecord } from './mount-record.ts';
import { beginUse, endUse } from './mount-use.ts';

export interface MountUse {
  /** Seconds for each path. */
  readonly times: ReadonlyMap<string, number>;
  /** No mount knew the place. */
  readonly isFirst: boolean;
  /** To be called when the command has ended, however. */
  end(): void;
}

export interface MountUser {
  readonly viewer: Viewer;
  /** Names of the mounts' folders. */
  readonly mounts: readonly string[];
  readonly sightings: readonly Sighting[];
  readonly signal: AbortSignal;
}

/**
 * Says at which times a command that writes into cache mounts sees its files, and keeps that in their records. What counts as new gets a
 * whole second that is later than all uses of the mounts that ended, as some programs know no parts of seconds; waits for it where it must.
 */
export async function useMounts(store: Store, user: MountUser): Promise<MountUse> {
  for (;;) {
    const use = store.db.exclusively(() => tryUse(store, user));
    if (use !== undefined) return use;
    await sleep(1001 - (Date.now() % 1000), undefined, { signal: user.signal });
  }
}

function tryUse({ db }: Store, { viewer, mounts, sightings }: MountUser): MountUse | undefined {
  const { place } = viewer;
  const records = mounts.map((mount) => readMountRecord(db, mount));
  const now = seconds();
  const last = Math.max(...records.map((record) => record.last));
  // where the clock was put back, waiting could take years
  const use = beginUse(records, sightings, { viewer, now: last > now ? last + 1 : now });
  if (use === undefined) return undefined;
  const { seen } = use;
  const pairs = mounts.flatMap((mount, at) => {
    const [before, begun] = [records[at], use.records[at]];
    return before === undefined || begun === undefined ? [] : [{ mount, before, begun }];
  });
  for (const { mount, before, begun } of pairs) keepMountRecord(db, mount, { before, record: begun });
  const end = (): void => {
    try {
      db.exclusively(() => {
        for (const { mount, begun } of pairs) {
          const before = readMountRecord(db, mount);
          keepMountRecord(db, mount, {
            before,
            record: endUse(before, begun, { viewer, seen, now: seconds() }),
          });
        }
      });
    } catch {
      // on a full disk; for the record it still runs, as if it had been killed
    }
  };
  return {
    times: new Map([...seen].map(([path, { time }]) => [path, time])),
    isFirst: records.every(({ sights }) => !sights.has(place)),
    end,
  };
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
