import type { BoxesGrowth } from '../measure/results.ts';
import { medianOf } from '../measure/statistics.ts';

interface Row {
  readonly count: number;
  readonly seconds: number;
  readonly sent: number;
}

/** How time and traffic grow with the number of boxes, per builder. */
export function renderBoxes({ runs, titles }: BoxesGrowth): string {
  const tables = Object.entries(titles).map(([builder, title]) => {
    const rows = rowsOf(runs.filter((run) => run.builder === builder));
    const label = builder === 'buildx' ? `${title}, \`bake\`` : title;
    return `| ${label}: boxes | s | ms for each further box | MB sent | kB sent for each further box |\n|---:|---:|---:|---:|---:|\n${rows
      .map((row, at) => renderRow(row, rows[at - 1]))
      .join('\n')}`;
  });
  return [
    '## Boxes',
    `Cold builds of more and more boxes: a program of 20 MB and 50 small files on three bases that take turns, and a name of its own in ENV for each box, pushed
to a repository of its own. A box after the first costs its manifest and its config: its layers are in the registry already.`,
    ...tables,
    judge(rowsOf(runs.filter(({ builder }) => builder === 'onebuild'))),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function rowsOf(runs: BoxesGrowth['runs']): Row[] {
  return [...new Set(runs.map(({ count }) => count))].map((count) => {
    const own = runs.filter((run) => run.count === count);
    return {
      count,
      seconds: medianOf(own.map(({ seconds }) => seconds)),
      sent: medianOf(own.map(({ sent = Number.NaN }) => sent)),
    };
  });
}

function renderRow(row: Row, before: Row | undefined): string {
  const [ms, bytes] =
    before === undefined
      ? [undefined, undefined]
      : [stepOf(row, before, 'seconds'), stepOf(row, before, 'sent')];
  const further = ms === undefined ? '' : (ms * 1000).toFixed(0);
  const kilobytes = bytes === undefined ? '' : (bytes / 1000).toFixed(1);
  return `| ${row.count} | ${row.seconds.toFixed(2)} | ${further} | ${(row.sent / 1e6).toFixed(2)} | ${kilobytes} |`;
}

/** What one more box costs between two counts. */
function stepOf(row: Row, before: Row, what: 'seconds' | 'sent'): number {
  return (row[what] - before[what]) / (row.count - before.count);
}

function judge(rows: readonly Row[]): string {
  const [, ten, , fifty, hundred] = rows;
  if (ten === undefined || fifty === undefined || hundred === undefined) return '';
  const early = stepOf(fifty, ten, 'seconds') * 1000;
  const late = stepOf(hundred, fifty, 'seconds') * 1000;
  return `From ${ten.count} to ${fifty.count} boxes, each further one takes ${early.toFixed(0)} ms; from ${fifty.count} to ${hundred.count}, ${late.toFixed(0)} ms.`;
}
