import type { CacheListing, CachePart, PrunedCache } from '@onebuild/engine';
import { cleanLine } from '../../display/clean-text.ts';
import { formatBytes, formatCount } from '../../display/format-amounts.ts';
import { renderTable } from '../../display/render-table.ts';

/** Names come from whoever wrote the cache. */
export function shownName(text: string): string {
  return cleanLine(text, { colours: false }).slice(0, 120);
}

export function renderListing({
  name,
  entries,
  signed,
  size,
  parts,
  mounts,
  builds,
}: CacheListing): string[] {
  return [
    ...renderParts(parts),
    ...(mounts.length === 0
      ? []
      : [
          '',
          ...renderTable(
            ['CACHE MOUNT', 'FILES', 'STORED', 'SAVED', 'SIGNED'],
            mounts.map((mount) => [
              shownName(mount.id),
              formatBytes(mount.size),
              formatBytes(mount.storedSize),
              formatTime(mount.at),
              mount.signed ? 'yes' : 'no',
            ]),
          ),
        ]),
    '',
    `${formatBytes(size)} in ${shownName(name)}: ${entryCount(entries)}, ${signed} of them signed, by ${formatCount(builds, 'build')}`,
  ];
}

export function renderPruned(pruned: PrunedCache, dryRun: boolean): string[] {
  const { name, removed, removedEntries, removedSize, keptEntries, keptSize } = pruned;
  const gone = removed.filter(({ count }) => count > 0);
  return [
    ...(gone.length === 0 ? [] : renderParts(gone)),
    `${entryCount(removedEntries)} (${formatBytes(removedSize)}) ${dryRun ? 'would go' : 'removed'}, ` +
      `${entryCount(keptEntries)} (${formatBytes(keptSize)}) ${dryRun ? 'would stay' : 'kept'} in ${shownName(name)}`,
  ];
}

function renderParts(parts: readonly CachePart[]): string[] {
  return renderTable(
    ['KIND', 'COUNT', 'SIZE', 'LAST USED'],
    parts.map(({ kind, count, size, lastUsed }) => [
      kind,
      String(count),
      // results are lines of the index
      size === 0 ? '' : formatBytes(size),
      formatDay(lastUsed),
    ]),
  );
}

export function entryCount(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

/** @param day - since the Unix epoch */
function formatDay(day: number | undefined): string {
  return day === undefined ? '' : isoTime(day * 24 * 60 * 60 * 1000).slice(0, 10);
}

/** @param seconds - since the Unix epoch; to the minute, UTC */
export function formatTime(seconds: number): string {
  return isoTime(seconds * 1000)
    .slice(0, 16)
    .replace('T', ' ');
}

/** A cache may say what no calendar has. */
function isoTime(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? '?' : date.toISOString();
}
