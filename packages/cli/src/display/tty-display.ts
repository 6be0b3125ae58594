import type { BuildEvent, Clock } from '@onebuild/core';
import { BuildRecord, type StepRecord } from './build-record.ts';
import { renderFailure, renderSummary, renderWarning } from './build-summary.ts';
import { cleanLine } from './clean-text.ts';
import type { Display, DisplayTarget } from './display.ts';
import { formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { renderFrame } from './render-frame.ts';
import { fitText, textWidth } from './text-width.ts';

export interface TtyDisplayOptions {
  readonly palette: Palette;
  readonly clock: Clock;
}

/** Milliseconds between two drawings. */
const redrawInterval = 100;
const synchronizedStart = '\u001b[?2026h\u001b[?25l';
const synchronizedEnd = '\u001b[?2026l';
const showCursor = '\u001b[?25h';
const clearBelow = '\u001b[J';

/** Finished steps scroll up as lines; running ones are drawn again and again below them. */
export function createTtyDisplay(target: DisplayTarget, { palette, clock }: TtyDisplayOptions): Display {
  const record = new BuildRecord();
  let settled: string[] = [];
  let drawn = 0;
  let drawnColumns = 0;
  const draw = (frame: readonly string[]): void => {
    const columns = columnsOf(target);
    const up = drawn === 0 ? '' : `\u001b[${rowsOf(drawn, drawnColumns, columns)}A`;
    const text = [...settled, ...frame].map((line) => `${line}\n`).join('');
    target.write(`${synchronizedStart}${up}\r${clearBelow}${text}${synchronizedEnd}`);
    drawn = frame.length;
    drawnColumns = columns;
    settled = [];
  };
  const redraw = (): void => {
    const size = { columns: columnsOf(target), rows: target.rows || 24 };
    draw(renderFrame(record, { ...size, now: clock(), palette }));
  };
  const timer = setInterval(redraw, redrawInterval);
  timer.unref();
  return {
    show(event) {
      record.take(event);
      settled.push(...settledLines(record, event, palette, columnsOf(target)));
    },
    end() {
      clearInterval(timer);
      const last =
        record.finish?.ok === true
          ? renderSummary(record, palette, columnsOf(target))
          : renderFailure(record, palette);
      settled.push(...last);
      draw([]);
      target.write(showCursor);
    },
  };
}

/** A terminal that does not know its size says 0. */
function columnsOf(target: DisplayTarget): number {
  return target.columns || 80;
}

/** Rows that `lines` lines of a frame take after the terminal was made narrower: each may have been folded. */
function rowsOf(lines: number, before: number, now: number): number {
  return now >= before ? lines : lines * Math.ceil(before / Math.max(1, now));
}

function settledLines(
  record: BuildRecord,
  event: BuildEvent,
  palette: Palette,
  columns: number,
): readonly string[] {
  if (event.type === 'warning') return renderWarning(event, palette);
  if (event.type !== 'step.finished') return [];
  const step = record.steps.get(event.step);
  return step === undefined ? [] : [finishedLine(step, palette, columns)];
}

function finishedLine(step: StepRecord, palette: Palette, columns: number): string {
  const { status, ms, note } = step.finished ?? { status: 'canceled', ms: 0 };
  const sign = {
    done: palette.good(' ✓'),
    cached: palette.good(' ✓'),
    failed: palette.bad(' ✗'),
    canceled: palette.warn(' ○'),
  }[status];
  const result = status === 'done' || status === 'failed' ? formatDuration(ms) : status;
  const end = note === undefined ? result : `${result}  ${cleanLine(note, { colours: false })}`;
  const shownEnd = fitText(end, Math.max(6, Math.floor(columns / 2)));
  const title = fitText(step.title, columns - 5 - textWidth(shownEnd));
  return `${sign} ${title} ${palette.dim(shownEnd)}`;
}
