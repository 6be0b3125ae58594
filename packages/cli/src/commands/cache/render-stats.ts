import type { CacheAccount, CacheStats } from '@onebuild/engine';
import { formatBytes, formatCount, formatDuration } from '../../display/format-amounts.ts';
import { renderTable } from '../../display/render-table.ts';
import { formatTime, shownName } from './render-cache.ts';

/** Builds that are shown one by one. */
const shownBuilds = 10;

const header = ['BUILD', 'HITS', 'SAVED', 'FETCH', 'RESTORE', 'EXPORT', 'FETCHED', 'SENT'];

export function renderStats({ name, totals, accounts, isTelling, advice }: CacheStats): string[] {
  if (accounts.length === 0) return [`${shownName(name)}: no build has written its account yet`];
  const { savedMs, costMs, netMs, builds } = totals;
  const short = formatDuration(Math.abs(netMs));
  const loss = isTelling ? `it costs ${short} more than it saves` : 'too few builds to tell whether it pays';
  return [
    ...renderTable(header, [
      ...accounts.slice(-shownBuilds).map((account) => row(formatTime(account.at), account)),
      row(`all ${builds}`, totals),
    ]),
    '',
    `${shownName(name)}: ${formatCount(builds, 'build')} saved ${formatDuration(savedMs)} of steps and paid ${formatDuration(costMs)}: ` +
      (netMs >= 0 ? `it pays, by ${short}` : loss),
    ...(advice === undefined ? [] : [advice]),
  ];
}

function row(first: string, account: Omit<CacheAccount, 'at'>): string[] {
  const { hits, savedMs, fetchMs, restoreMs, exportMs, fetchedBytes, sentBytes } = account;
  return [
    first,
    String(hits),
    ...[savedMs, fetchMs, restoreMs, exportMs].map(formatDuration),
    formatBytes(fetchedBytes),
    formatBytes(sentBytes),
  ];
}
