import type { CacheMountReport, CacheReport } from '@onebuild/core';
import { cleanLine } from './clean-text.ts';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { fitText } from './text-width.ts';

/** Steps that the summary names. */
const mostSteps = 5;
/** Milliseconds; what costs less is not worth advice. */
const leastCost = 2000;

/** What caches that travel cost a build and what they spared it, step by step; advice where they did not pay. */
export function renderCache(report: CacheReport, palette: Palette, columns = 100): string[] {
  const { steps, savedMs, fetchMs, restoreMs, exportMs, fetchedBytes, sentBytes } = report;
  const taken =
    steps.length === 0
      ? 'no step taken from it'
      : `${formatCount(steps.length, 'step')} taken from it, ${formatDuration(savedMs)} saved`;
  const cost = [
    `${formatDuration(fetchMs)} to look`,
    `${formatDuration(restoreMs)} to restore`,
    `${formatDuration(exportMs)} to write`,
  ].join(', ');
  const moved = `${formatBytes(fetchedBytes)} fetched, ${formatBytes(sentBytes)} sent`;
  const slowest = steps.toSorted((one, other) => other.savedMs - one.savedMs).slice(0, mostSteps);
  return [
    `${palette.good('Cache')}   ${taken}; ${cost}; ${moved}`,
    ...slowest
      .filter(({ savedMs: ms }) => ms >= 50)
      .map(
        ({ step, savedMs: ms }) =>
          `${formatDuration(ms).padStart(10)}  ${palette.dim(fitText(cleanLine(step.replace(/\s+/g, ' '), { colours: false }), Math.min(100, columns) - 13))}`,
      ),
    ...report.mounts.map((mount) => mountLine(mount, palette)),
    ...advice(report, palette),
  ];
}

function mountLine({ id, fetchedBytes, sentBytes, size }: CacheMountReport, palette: Palette): string {
  const moved = [
    ...(fetchedBytes === undefined ? [] : [`${formatBytes(fetchedBytes)} fetched`]),
    ...(sentBytes === undefined ? [] : [`${formatBytes(sentBytes)} sent`]),
  ];
  return `${palette.bold('Mount')}   ${cleanLine(id, { colours: false })}: ${formatBytes(size)}${moved.length === 0 ? '' : `; ${moved.join(', ')}`}`;
}

/** A build that finds nothing pays for the next ones; one that finds much and pays more has a cache that does not help. */
function advice({ steps, savedMs, fetchMs, restoreMs, exportMs }: CacheReport, palette: Palette): string[] {
  const cost = fetchMs + restoreMs + exportMs;
  if (steps.length === 0 || cost < leastCost || cost <= savedMs) return [];
  return [
    `        ${palette.active('hint')}: this time the cache cost more than it saved; \`onebuild cache stats\` tells whether that is the rule`,
  ];
}
