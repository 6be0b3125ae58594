import { knownTime, type Sighting, type Viewer } from './known-time.ts';
import type { MountRecord, PlaceSight, Seen } from './mount-record.ts';

export interface BegunUse {
  readonly seen: ReadonlyMap<string, Seen>;
  /** In the order in which they were given. */
  readonly records: readonly MountRecord[];
}

/**
 * Times for all that a command sees which writes into the mounts of these records, and the records with that in them: to be kept before it
 * begins, as it may be killed. What counts as new gets the time `now` (seconds); undefined where that is not later than all earlier uses.
 */
export function beginUse(
  records: readonly MountRecord[],
  sightings: readonly Sighting[],
  { viewer, now }: { readonly viewer: Viewer; readonly now: number },
): BegunUse | undefined {
  const seen = new Map<string, Seen>();
  const timesOf = records.map((record) => knownTime(record, viewer));
  const isLater = records.every(({ last }) => last < now);
  for (const sighting of sightings) {
    let time = 0;
    for (const timeOf of timesOf) time = Math.max(time, timeOf(sighting) ?? Number.POSITIVE_INFINITY);
    if (time === Number.POSITIVE_INFINITY) {
      if (!isLater) return undefined;
      time = now;
    }
    seen.set(sighting.path, { content: sighting.content, time });
  }
  const { place, origin } = viewer;
  const begun = records.map((record): MountRecord => {
    const turn = record.turn + 1;
    const sights = new Map(withoutOthers(record.sights, seen));
    sights.delete(place);
    const until = Number.POSITIVE_INFINITY;
    sights.set(place, { place, origin, turn, since: now, until, paths: seen });
    return { ...record, last: Math.max(now, record.last), turn, sights };
  });
  return { seen, records: begun };
}

/**
 * The record of a mount once the command ended that began with `begun`. Whoever began in between may find things that were made after that,
 * from other files than its own.
 */
export function endUse(
  record: MountRecord,
  { turn }: MountRecord,
  { viewer, seen, now }: { readonly viewer: Viewer; readonly seen: BegunUse['seen']; readonly now: number },
): MountRecord {
  const { place, origin, isPresent } = viewer;
  const sights = new Map<string, PlaceSight>();
  for (const sight of withoutOthers(record.sights, seen, (other) => other.turn > turn).values()) {
    const isOwn = sight.place === place && sight.turn === turn;
    const isOther = sight.turn > turn && sight.origin === origin;
    if (isOwn) sights.set(place, { ...sight, until: Math.max(now, sight.since) });
    else if (isOther && (sight.place === place || !isPresent(sight.place)))
      sights.set(
        sight.place,
        keepPaths(sight, (path) => seen.has(path)),
      );
    else sights.set(sight.place, sight);
  }
  return { ...record, last: Math.max(record.last, now), sights };
}

/** Without what was seen at these paths in another content: whoever sees that again makes it again. */
function withoutOthers(
  sights: MountRecord['sights'],
  seen: BegunUse['seen'],
  isAsked: (sight: PlaceSight) => boolean = () => true,
): MountRecord['sights'] {
  const kept = new Map<string, PlaceSight>();
  for (const [place, sight] of sights) {
    const isSame = (path: string, content: string) => (seen.get(path)?.content ?? content) === content;
    kept.set(place, isAsked(sight) ? keepPaths(sight, isSame) : sight);
  }
  return kept;
}

function keepPaths(sight: PlaceSight, isKept: (path: string, content: string) => boolean): PlaceSight {
  const paths = [...sight.paths].filter(([path, { content }]) => isKept(path, content));
  return paths.length === sight.paths.size ? sight : { ...sight, paths: new Map(paths) };
}
