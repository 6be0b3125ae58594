import type { BuildReport, BuiltImage } from '@onebuild/core';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { renderTable } from './render-table.ts';
import { textWidth } from './text-width.ts';

/** Characters of a digest in the table: enough to tell images apart, and to find one. */
const digestLength = 'sha256:'.length + 12;

/** Milliseconds; less is not worth a line. */
const savingShown = 500;

/**
 * A table with a row for each target and platform: digest, size, bytes sent, time; then totals, and what sharing saved. Nothing for a build of
 * one image.
 */
export function renderBoxes({ boxes, separateMs, ms }: BuildReport, palette: Palette): string[] {
  if (boxes.length < 2) return [];
  const named = boxes.some(({ target }) => target !== undefined);
  let above: string | undefined;
  const rows = boxes.map((box) => {
    const isSame = above !== undefined && box.target === above;
    above = box.target;
    return [
      ...(named ? [isSame ? '' : (box.target ?? '')] : []),
      box.platform,
      box.digest?.slice(0, digestLength) ?? '-',
      formatBytes(box.size),
      formatBytes(box.sentBytes),
      formatDuration(box.ms),
    ];
  });
  const sum = (amount: (box: (typeof boxes)[number]) => number): number =>
    boxes.reduce((total, box) => total + amount(box), 0);
  rows.push([
    ...(named ? [formatCount(boxes.length, 'image')] : []),
    named ? '' : formatCount(boxes.length, 'image'),
    '',
    formatBytes(sum(({ size }) => size)),
    formatBytes(sum(({ sentBytes }) => sentBytes)),
    formatDuration(ms),
  ]);
  const header = [...(named ? ['TARGET'] : []), 'PLATFORM', 'DIGEST', 'SIZE', 'SENT', 'TIME'];
  const [titles = '', ...lines] = renderTable(header, rows);
  const total = lines.pop() ?? '';
  return [palette.dim(titles), ...lines, palette.bold(total), ...savings(separateMs, ms, palette)];
}

function savings(separateMs: number, ms: number, palette: Palette): string[] {
  const saved = separateMs - ms;
  if (saved < savingShown) return [];
  return [
    `${palette.good('Saved')}   ${formatDuration(saved)} by sharing: built one by one, the steps would have taken ${formatDuration(separateMs)}`,
  ];
}

/**
 * Where each name points now, and where images went that have none. `columns`: of the terminal, where there is one; digests are
 * shortened where lines would be longer.
 */
export function renderNames(images: readonly BuiltImage[], palette: Palette, columns = Infinity): string[] {
  const placeOf = ({ outputs }: BuiltImage): string =>
    outputs.every((output) => output === 'store') ? 'store' : outputs.join(', ');
  const places = new Set(images.map(placeOf));
  const [first] = places;
  if (first === undefined) return [];
  const isOne = places.size === 1;
  const rows = images.flatMap((image) => {
    const { target = '', names, digest } = image;
    const place = placeOf(image);
    const shown = place === 'store' || names.length === 0 ? [target] : names;
    return shown.map((name) => [name, digest, ...(isOne ? [] : [place])]);
  });
  const make = (): string[] => renderTable(['NAME', 'DIGEST', ...(isOne ? [] : ['OUTPUT'])], rows);
  let table = make();
  if (table.some((line) => textWidth(line) > columns)) {
    for (const row of rows) row[1] = row[1]?.slice(0, digestLength) ?? '';
    table = make();
  }
  const [titles = '', ...lines] = table;
  const where = isOne && first !== 'store' ? [`${palette.bold('Output')}  ${first}`] : [];
  return [palette.dim(titles), ...lines, ...where, ...(isOne && first === 'store' ? stayed(palette) : [])];
}

function stayed(palette: Palette): string[] {
  return [
    `${palette.bold('Output')}  kept in the store, and nowhere else`,
    `        ${palette.active('hint')}: add --push to send images to their registries, or --load for the local Docker`,
  ];
}
