import { type BuildRecord, type ProgressEvent, pendingLine, type StepRecord } from './build-record.ts';
import { cleanLine } from './clean-text.ts';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { fitText, textWidth } from './text-width.ts';

export interface FrameOptions {
  /** Columns and rows of the terminal. */
  readonly columns: number;
  readonly rows: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly palette: Palette;
}

/** Lines of output shown under a running step. */
const outputShown = 4;
const barWidth = 20;

/** The region under the finished lines: running steps, what they say and move, and how far the build is. Fits the terminal. */
export function renderFrame(record: BuildRecord, options: FrameOptions): string[] {
  const running = record.running();
  const room = Math.max(1, options.rows - 2);
  const perStep = Math.max(0, Math.min(outputShown, Math.floor(room / Math.max(1, running.length)) - 1));
  const lines: string[] = [];
  for (const step of running) {
    if (lines.length >= room) break;
    lines.push(stepLine(step, options));
    for (const line of detailLines(step, perStep, options)) if (lines.length < room) lines.push(line);
  }
  lines.push(statusLine(record, options));
  return lines;
}

function stepLine(step: StepRecord, { columns, now, palette }: FrameOptions): string {
  const elapsed = formatDuration(now - step.started.time);
  const title = fitText(step.title, columns - 4 - textWidth(elapsed) - 1);
  return `${palette.active(' ●')} ${title} ${palette.dim(elapsed)}`;
}

function detailLines(step: StepRecord, count: number, options: FrameOptions): string[] {
  if (count === 0) return [];
  const { columns, palette } = options;
  const moving = [...step.progress.values()].filter((p) => p.total === undefined || p.current < p.total);
  const bars = moving.slice(0, count).map((progress) => barLine(progress, options));
  if (bars.length >= count) return bars;
  const pending = pendingLine(step);
  const newest = step.tail.slice(bars.length - count).map(({ text }) => text);
  const shown = (pending === '' ? newest : [...newest, pending])
    .slice(bars.length - count)
    .map((text) => cleanLine(text, { colours: false }).replaceAll('\t', '  '));
  return [...shown.map((text) => `   ${palette.dim(fitText(text, columns - 4))}`), ...bars];
}

function barLine(progress: ProgressEvent, { columns, palette }: FrameOptions): string {
  const show = (value: number): string => (progress.unit === 'bytes' ? formatBytes(value) : `${value} files`);
  const { current, total } = progress;
  const amount = total === undefined ? show(current) : `${show(current)} / ${show(total)}`;
  const withBar = total !== undefined && total > 0 && columns >= 60;
  const room = columns - 4 - textWidth(amount) - 1 - (withBar ? barWidth + 1 : 0);
  const label = fitText(cleanLine(progress.label, { colours: false }), Math.min(room, 40));
  const bar = withBar ? `${drawBar(current / total, palette)} ` : '';
  return fitPlain(`   ${label} `, columns) + bar + fitText(amount, columns - 4);
}

function fitPlain(text: string, columns: number): string {
  return textWidth(text) >= columns ? '   ' : text;
}

function drawBar(share: number, palette: Palette): string {
  const full = Math.round(Math.min(1, Math.max(0, share)) * barWidth);
  return palette.active('━'.repeat(full)) + palette.dim('─'.repeat(barWidth - full));
}

function statusLine(record: BuildRecord, { columns, now, palette }: FrameOptions): string {
  const done = record.finishedCount();
  const cached = [...record.steps.values()].filter((step) => step.finished?.status === 'cached').length;
  const of = record.total === undefined ? '' : `/${String(Math.max(record.total, record.steps.size))}`;
  const parts = [`${done}${of} steps`];
  if (cached > 0) parts.push(`${cached} cached`);
  if (record.warnings.length > 0) parts.push(formatCount(record.warnings.length, 'warning'));
  parts.push(formatDuration(now - (record.startTime ?? now)));
  return palette.bold(fitText(` ${parts.join(' · ')}`, columns - 1));
}
