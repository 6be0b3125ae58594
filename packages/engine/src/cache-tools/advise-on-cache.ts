import type { CacheTotals } from './cache-stats.ts';

/** Fewer builds than this say nothing: the first one only fills the cache. */
export const fewestBuilds = 3;

/** What to do about a cache that costs more time than it saves. Undefined: it pays, or nobody can tell yet. */
export function adviseOnCache(totals: CacheTotals): string | undefined {
  const { builds, hits, costMs, savedMs, fetchMs, restoreMs, exportMs } = totals;
  if (builds < fewestBuilds || costMs <= savedMs) return undefined;
  if (hits === 0) {
    return 'No step was ever taken from it: look whether builds read what others write (`onebuild plan` says why steps run), or leave it out.';
  }
  const most = Math.max(fetchMs, restoreMs, exportMs);
  if (most === exportMs) {
    return 'Most of it is writing: write with mode=min, or on the main branch alone (--cache-access read elsewhere).';
  }
  if (most === restoreMs) {
    return 'Most of it is fetching layers and cache mounts: see whether steps are as quick without mounts (mounts=false; what these save is not counted), limit them (mounts-size=), or put the cache into a registry that is closer (ref=).';
  }
  return 'Most of it is reading what the cache holds: make it smaller (`onebuild cache prune`, max-size=, max-age=), or put it into a registry that is closer (ref=).';
}
