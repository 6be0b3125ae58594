import type { MountFact } from '../mount-cache/mount-listing.ts';
import type { CacheDb } from '../store/cache-db.ts';
import { readMountRecord } from './mount-record.ts';

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

/** Takes over what was known of a folder elsewhere. What cannot be read leaves a record that is not complete. */
export function setMountFacts(db: CacheDb, mount: string, facts: readonly MountFact[]): void {
  db.exclusively(() => {
    for (const [kind, key, value] of facts) {
      if (value.length > longest || !/^[\w:.-]{0,200}$/.test(key)) continue;
      if (kind === headKind && key === '') db.setFact(headKind, mount, value);
      if (kind === sightKind && key !== '') db.setFact(sightKind, `${mount}/${key}`, value);
    }
  });
  try {
    readMountRecord(db, mount);
  } catch {
    db.dropFact(headKind, mount);
  }
}
