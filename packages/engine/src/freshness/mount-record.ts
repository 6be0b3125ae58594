import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { CacheDb } from '../store/cache-db.ts';

/** What a step saw at a path, in short, and the time that the path had for it (seconds). */
export interface Seen {
  readonly content: string;
  readonly time: number;
}

/** What the last run at a step's place saw. */
export interface PlaceSight {
  readonly place: string;
  /** The context of the step; `elsewhere` for one of another machine. */
  readonly origin: string;
  /** Which use of the mount that run was. */
  readonly turn: number;
  /** When it began, seconds. */
  readonly since: number;
  /** When it ended, seconds; infinite while it runs, and when it was killed. */
  readonly until: number;
  readonly paths: ReadonlyMap<string, Seen>;
}

/** Origin of what came from another machine with the mount: nobody knows which contexts here are the same as those there. */
export const elsewhere = '*';

/** Who used a cache mount, and what they saw while they could write into it. */
export interface MountRecord {
  /** Whether everybody who ever used the mount is in `sights`. */
  readonly isComplete: boolean;
  /** When it was used last, as far as known, seconds. */
  readonly last: number;
  /** Counts uses. */
  readonly turn: number;
  /** By place, the latest last. */
  readonly sights: ReadonlyMap<string, PlaceSight>;
}

interface Head {
  readonly isComplete: boolean;
  readonly last: number;
  readonly turn: number;
  readonly places: readonly string[];
}

/** Kinds of facts: of a mount, and of a place at a mount. `CacheDb.prune` knows them. */
const [headKind, sightKind] = ['seen-by', 'seen'];
/** Each of them is read whenever a step with the mount runs. */
const mostPlaces = 12;
/** Bytes of a sight, unpacked: that of a million paths has some 100 MB. */
const largestSight = 256 << 20;

/** To be called when an empty mount was made: nobody has used it. */
export function beginMountRecord(db: CacheDb, mount: string): void {
  setHead(db, mount, { isComplete: true, last: 0, turn: 0, places: [] });
}

/** Of a mount that somebody used without saying what he saw, the record is not complete. */
export function readMountRecord(db: CacheDb, mount: string): MountRecord {
  const text = db.fact(headKind, mount);
  const head: Head =
    text === undefined ? { isComplete: false, last: 0, turn: 0, places: [] } : (JSON.parse(text) as Head);
  const sights = new Map<string, PlaceSight>();
  for (const place of head.places) {
    const sight = db.fact(sightKind, `${mount}/${place}`);
    if (sight !== undefined) sights.set(place, decodeSight(place, sight));
  }
  return { ...head, isComplete: head.isComplete && sights.size === head.places.length, sights };
}

/** Keeps what differs from `before`, and the latest places only. */
export function keepMountRecord(
  db: CacheDb,
  mount: string,
  { before, record }: { readonly before: MountRecord; readonly record: MountRecord },
): void {
  const { isComplete, last, turn, sights } = record;
  const places = [...sights.keys()];
  const kept = places.slice(-mostPlaces);
  setHead(db, mount, { isComplete: isComplete && kept.length === places.length, last, turn, places: kept });
  for (const place of [...places.slice(0, -mostPlaces), ...before.sights.keys()])
    if (!kept.includes(place)) db.dropFact(sightKind, `${mount}/${place}`);
  for (const place of kept) {
    const sight = sights.get(place);
    if (sight !== undefined && sight !== before.sights.get(place))
      db.setFact(sightKind, `${mount}/${place}`, encodeSight(sight));
  }
}

function setHead(db: CacheDb, mount: string, head: Head): void {
  db.setFact(headKind, mount, JSON.stringify(head));
}

type Columns = readonly [
  origin: string,
  turn: number,
  since: number,
  until: number | null,
  paths: string[],
  contents: string[],
  times: number[],
];

/** The text that is kept of a sight, without its place. */
export function encodeSight({ origin, turn, since, until, paths }: PlaceSight): string {
  const seen = [...paths.values()];
  const columns: Columns = [
    origin,
    turn,
    since,
    Number.isFinite(until) ? until : null,
    [...paths.keys()],
    seen.map(({ content }) => content),
    seen.map(({ time }) => time),
  ];
  return deflateRawSync(JSON.stringify(columns), { level: 1 }).toString('base64');
}

/** Throws where `encodeSight` cannot have made the text. */
export function decodeSight(place: string, text: string): PlaceSight {
  const bytes = inflateRawSync(Buffer.from(text, 'base64'), { maxOutputLength: largestSight });
  const columns: unknown = JSON.parse(bytes.toString());
  if (!isColumns(columns)) throw new TypeError('this is no sight of a mount');
  const [origin, turn, since, until, paths, contents, times] = columns;
  return {
    place,
    origin,
    turn,
    since,
    until: until ?? Number.POSITIVE_INFINITY,
    paths: new Map(paths.map((path, at) => [path, { content: contents[at] ?? '', time: times[at] ?? 0 }])),
  };
}

function isColumns(value: unknown): value is Columns {
  if (!Array.isArray(value) || value.length !== 7) return false;
  const [origin, turn, since, until, paths, contents, times] = value as unknown[];
  return (
    isText(origin) &&
    [turn, since, until ?? 0].every(isNumber) &&
    isListOf(paths, isText) &&
    isListOf(contents, isText) &&
    isListOf(times, isNumber) &&
    paths.length === contents.length &&
    paths.length === times.length
  );
}

/** Throws where {@link keepMountRecord} cannot have made the text. */
export function checkHead(text: string): void {
  const head: unknown = JSON.parse(text);
  const { isComplete, last, turn, places } = (head ?? {}) as Readonly<Record<string, unknown>>;
  const fits =
    typeof isComplete === 'boolean' && isNumber(last) && isNumber(turn) && isListOf(places, isText);
  if (!fits || places.length > mostPlaces) throw new TypeError('this is no record of a mount');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isNumber(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function isListOf<T>(value: unknown, fits: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(fits);
}
