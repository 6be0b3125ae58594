import type { BuildReport, BuiltImage } from '@onebuild/core';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { renderTable } from './render-table.ts';

/** Characters of a digest in the table: enough to tell images apart, and to find one. */
const digestLength = 'sha256:'.length + 12;

/** Milliseconds; less is not worth a line. */
const savingShown = 50;

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

/** Where each name points now, and where images went that have none. */
export function renderNames(images: readonly BuiltImage[], palette: Palette): string[] {
  const rows = images.flatMap(({ target = '', names, digest, outputs }) => {
    const isKept = outputs.every((output) => output === 'store');
    const places = isKept || names.length === 0 ? [target] : names;
    return places.map((place) => [place, digest, isKept ? '' : outputs.join(', ')]);
  });
  if (rows.length === 0) return [];
  const [titles = '', ...lines] = renderTable(['NAME', 'DIGEST', 'OUTPUT'], rows);
  return [
    palette.dim(titles),
    ...lines,
    ...(images.some(({ outputs }) => outputs.some((output) => output !== 'store'))
      ? []
      : [
          `Kept in the store, and nowhere else; ${palette.active('hint')}: add --push to send images to their registries, or --load for the local Docker`,
        ]),
  ];
}
