import { digestOf } from '@onebuild/oci';
import { canonicalText } from '../graph/canonical-text.ts';
import type { StepLabel } from '../graph/node.ts';
import type { CacheDb } from '../store/cache-db.ts';
import type { StepPart } from './step-parts.ts';

/** Where a step stands: `own` for whom it was asked first, `shared` for all that have the same line in Dockerfiles of the same context. */
export interface StepPlace {
  readonly own: string;
  readonly shared: string;
  /** Its position, whatever stands there. */
  readonly spot: string;
  /** The context alone. */
  readonly origin: string;
}

/** What a place has seen: content keys of results, oldest first, and how long the last run took. */
export interface PlaceRecord {
  readonly keys: readonly string[];
  /** Milliseconds; undefined: it never ran. */
  readonly ms?: number;
}

const [placeKind, sightKind, spotKind] = ['place', 'sight', 'spot'];
/** Results that a place remembers. */
const mostKeys = { own: 4, shared: 8 } as const;

/** undefined: no step of a Dockerfile. */
export function placeOf(label: StepLabel): StepPlace | undefined {
  const { origin, target, stage, position, platform, name, location } = label;
  if (origin === undefined || position === undefined) return undefined;
  const key = (...parts: unknown[]): string => digestOf(canonicalText(parts.map((part) => part ?? null)));
  const file = location?.file;
  return {
    own: key('own', origin, file, target, stage, platform, name),
    shared: key('shared', origin, name),
    spot: key('spot', origin, file, stage, position[0]),
    origin: key('origin', origin),
  };
}

export function readPlace(db: CacheDb, place: string): PlaceRecord | undefined {
  const text = db.fact(placeKind, place);
  return text === undefined ? undefined : (JSON.parse(text) as PlaceRecord);
}

/** The parts of the results of these keys, where they are still known; newest first. */
export function readSights(db: CacheDb, keys: readonly string[]): readonly (readonly StepPart[])[] {
  return [...new Set(keys.toReversed())].flatMap((key) => {
    const text = db.fact(sightKind, key);
    return text === undefined ? [] : [JSON.parse(text) as readonly StepPart[]];
  });
}

/** Whether something of the context, or at the spot, was built here before. */
export function wasSeen(db: CacheDb, spot: string): boolean {
  return db.fact(spotKind, spot) !== undefined;
}

/** Keeps a result's parts with its places, in place of the oldest ones. */
export async function keepSight(
  db: CacheDb,
  place: StepPlace,
  sight: {
    readonly key: string;
    readonly ms: number | undefined;
    readonly parts: () => Promise<readonly StepPart[]>;
  },
): Promise<void> {
  const { key, ms } = sight;
  if (db.fact(sightKind, key) === undefined) db.setFact(sightKind, key, JSON.stringify(await sight.parts()));
  for (const spot of [place.spot, place.origin]) if (!wasSeen(db, spot)) db.setFact(spotKind, spot, '');
  const shared = extend(readPlace(db, place.shared), { key, ms, most: mostKeys.shared });
  const own = extend(readPlace(db, place.own), { key, ms, most: mostKeys.own });
  db.setFact(placeKind, place.shared, JSON.stringify(shared.record));
  db.setFact(placeKind, place.own, JSON.stringify(own.record));
  for (const old of own.left) if (!shared.record.keys.includes(old)) db.dropFact(sightKind, old);
}

function extend(
  record: PlaceRecord | undefined,
  { key, ms, most }: { readonly key: string; readonly ms: number | undefined; readonly most: number },
): { readonly record: PlaceRecord; readonly left: readonly string[] } {
  const { keys = [], ms: lastMs } = record ?? {};
  const all = keys.includes(key) ? keys : [...keys, key];
  const known = ms ?? lastMs;
  return {
    record: { keys: all.slice(-most), ...(known !== undefined && { ms: known }) },
    left: all.slice(0, -most),
  };
}
