import type { LayerTimes } from '../build-options.ts';

/** 1980-01-01T00:00:00Z, seconds: the first time that zip archives and FAT know, so that nothing chokes on it. */
export const fixedEpoch = 315532800;

/** The times of one build; all in seconds. */
export interface BuildTimes {
  /** `created` of config and history. */
  readonly created: number;
  /** What files of layers get when they are exported; undefined: the times they have. */
  readonly layers: number | undefined;
  /** Real times are kept inside the build, too. */
  readonly preserve: boolean;
}

/**
 * `SOURCE_DATE_EPOCH` (a number) decides over everything; else the commit's time is the image's time, and layers carry the fixed
 * epoch, so that a commit which changes no file of a layer changes no byte of it. See docs/decisions.
 */
export function buildTimes(
  times: LayerTimes,
  facts: { readonly commitTime: number | undefined; readonly now: number },
): BuildTimes {
  const commit = facts.commitTime ?? fixedEpoch;
  if (typeof times === 'number') return { created: times, layers: times, preserve: false };
  if (times === 'preserve') return { created: facts.now, layers: undefined, preserve: true };
  return { created: commit, layers: times === 'commit' ? commit : fixedEpoch, preserve: false };
}
