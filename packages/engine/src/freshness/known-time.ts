import { elsewhere, type MountRecord, type PlaceSight } from './mount-record.ts';

/** A path as a step is about to see it. */
export interface Sighting {
  readonly path: string;
  /** Of what is there, in short: equal for equal content. */
  readonly content: string;
  /** The time that it has for steps without cache mounts, seconds. */
  readonly fixedTime: number;
}

/** Which step is about to run. */
export interface Viewer {
  readonly place: string;
  /** Which context it belongs to. */
  readonly origin: string;
  /** Whether a place belongs to a step of this build: then it cannot be this step as it was in another state of the Dockerfile. */
  readonly isPresent: (place: string) => boolean;
  /** Whether a place used its mounts for the first time in this build. */
  readonly isNew: (place: string) => boolean;
}

/**
 * The time at which a path may be shown, so that nothing in the mount that is younger can come from another content of it, or was made while
 * it was not there; undefined: none but a new one. Use it on all paths that a step sees, with one record.
 *
 * A place that saw this content in its last run sees the time that it saw then, or that the same step saw since in another state. Else a time counts that others saw with the content. The
 * fixed time is for what nobody can have made anything from.
 */
export function knownTime(
  { isComplete, sights }: MountRecord,
  viewer: Viewer,
): (sighting: Sighting) => number | undefined {
  const own = sights.get(viewer.place);
  const others = [...sights.values()].filter((sight) => sight !== own);
  const later = own === undefined ? [] : others.filter((other) => mayHaveReplaced(own, other, viewer));
  const earlier = own === undefined ? others.filter(({ place }) => !viewer.isNew(place)) : [own, ...later];

  return ({ path, content, fixedTime }) => {
    const before = own?.paths.get(path);
    if (before?.content === content) {
      const times = later.map(({ paths }) => paths.get(path)?.time);
      // who saw it as new may have made something without it before
      return times.every((time) => time !== undefined) ? Math.max(before.time, ...times) : undefined;
    }
    let time: number | undefined;
    for (const { paths } of others) {
      const seen = paths.get(path);
      if (seen === undefined) continue;
      if (seen.content !== content) return undefined;
      time = Math.max(time ?? 0, seen.time);
    }
    if (own === undefined && !isComplete) return undefined;
    const made = time;
    const isAfterAll = earlier.every(
      ({ until, paths }) => paths.get(path)?.content === content || (made !== undefined && until < made),
    );
    return isAfterAll ? (made ?? fixedTime) : undefined;
  };
}

/** Whether `other` may be the same step in another state of the Dockerfile, that ran since `own` did. */
function mayHaveReplaced(own: PlaceSight, other: PlaceSight, { origin, isPresent }: Viewer): boolean {
  const maySame = other.origin === origin || other.origin === elsewhere;
  return maySame && other.until >= own.since && !isPresent(other.place);
}
