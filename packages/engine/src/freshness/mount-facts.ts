import type { MountFact } from '../mount-cache/mount-listing.ts';
import type { CacheDb } from '../store/cache-db.ts';
import { checkHead, decodeSight, elsewhere, encodeSight, readMountRecord } from './mount-record.ts';

const [headKind, sightKind] = ['seen-by', 'seen'];
/** Characters of one. */
const longest = 64 << 20;

/** All that is known of a mount's uses, for whoever takes its folder elsewhere. Keys are without the mount's name. */
export function mountFacts(db: CacheDb, mount: string): readonly MountFact[] {
  const head = db.fact(headKind, mount);
  if (head === undefined) return [];
  const sights = [...readMountRecord(db, mount).sights.keys()].flatMap((place): readonly MountFact[] => {
    const text = db.fact(sightKind, `${mount}/${place}`);
    return text === undefined ? [] : [[sightKind, place, text]];
  });
  return [[headKind, '', head], ...sights];
}

/** Takes over what was known of a folder elsewhere. Where some of it cannot be read, nothing is known of who used the mount. */
export function setMountFacts(db: CacheDb, mount: string, facts: readonly MountFact[]): void {
  const taken = readFacts(facts);
  db.exclusively(() => {
    // of an earlier folder of this name
    db.dropFact(headKind, mount);
    for (const [kind, place, value] of taken)
      db.setFact(kind, kind === headKind ? mount : `${mount}/${place}`, value);
  });
}

function readFacts(facts: readonly MountFact[]): readonly MountFact[] {
  try {
    return facts.flatMap(([kind, place, value]): readonly MountFact[] => {
      if (kind === headKind) {
        checkHead(value);
        return [[kind, '', value]];
      }
      if (kind !== sightKind || value.length > longest || !/^[\w:.-]{1,200}$/.test(place)) return [];
      return [[kind, place, encodeSight({ ...decodeSight(place, value), origin: elsewhere })]];
    });
  } catch {
    return [];
  }
}
