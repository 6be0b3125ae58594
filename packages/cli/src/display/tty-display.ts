import { stripVTControlCharacters } from 'node:util';
import type { BuildEvent, Clock } from '@onebuild/core';
import { BuildRecord, type StepRecord, unseenLines } from './build-record.ts';
import { renderFailure, renderSummary, renderWarning } from './build-summary.ts';
import { cleanLine } from './clean-text.ts';
import type { Display, DisplayTarget } from './display.ts';
import { formatDuration } from './format-amounts.ts';
import type { Palette } from './palette.ts';
import { renderFrame } from './render-frame.ts';
import { restoreAtExit, terminalRestored } from './restore-terminal.ts';
import { fitText, textWidth } from './text-width.ts';

export interface TtyDisplayOptions {
  readonly palette: Palette;
  readonly clock: Clock;
}

/** Milliseconds between two drawings. */
const redrawInterval = 100;
const synchronizedStart = '\u001b[?2026h\u001b[?25l';
const synchronizedEnd = '\u001b[?2026l';
const clearLine = '\u001b[2K';
const clearRight = '\u001b[K';
/** A line that is wider than it was thought to be is cut, not folded. */
const noWrap = '\u001b[?7l';
const wrap = '\u001b[?7h';

/** Finished steps scroll up as lines; running ones are drawn again and again below them. */
export function createTtyDisplay(target: DisplayTarget, { palette, clock }: TtyDisplayOptions): Display {
  const record = new BuildRecord(unseenLines);
  let settled: string[] = [];
  let drawn: readonly string[] = [];
  const draw = (frame: readonly string[]): void => {
    const rows = Math.min(rowsOf(drawn, columnsOf(target)), (target.rows || Number.POSITIVE_INFINITY) - 1);
    const above = settled.length === 0 ? '' : clearRows(rows) + settled.map((line) => `${line}\n`).join('');
    // line by line over the old frame: nothing is empty in between
    const below = frame.map((line) => `${line}${clearRight}\n`).join('');
    const left = settled.length === 0 ? clearRows(rows - frame.length) : '';
    target.write(
      `${synchronizedStart}${goUp(rows)}\r${above}${noWrap}${below}${wrap}${left}${synchronizedEnd}`,
    );
    drawn = frame;
    settled = [];
  };
  const redraw = (): void => {
    const size = { columns: columnsOf(target), rows: target.rows || 24 };
    draw(renderFrame(record, { ...size, now: clock(), palette }));
  };
  const timer = setInterval(redraw, redrawInterval);
  timer.unref();
  const forget = restoreAtExit(target);
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
      forget();
      target.write(terminalRestored);
    },
  };
}

function goUp(rows: number): string {
  return rows > 0 ? `\u001b[${rows}A` : '';
}

/** Empties `rows` rows from the cursor's on, and stays. Clearing the rest of the screen would be shorter, but tmux keeps that in its history. */
function clearRows(rows: number): string {
  if (rows <= 0) return '';
  return Array.from({ length: rows }, () => clearLine).join('\u001b[B') + goUp(rows - 1);
}

/** A terminal that does not know its size says 0. */
function columnsOf(target: DisplayTarget): number {
  return target.columns || 80;
}

/** Rows that the lines of a frame take: in a terminal that was made narrower, some have been folded. */
function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce(
    (rows, line) => rows + Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / columns)),
    0,
  );
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
  const result =
    status === 'cached' ? status : `${status === 'canceled' ? 'canceled after ' : ''}${formatDuration(ms)}`;
  const end = note === undefined ? result : `${result}  ${cleanLine(note, { colours: false })}`;
  const shownEnd = fitText(end, Math.max(6, Math.floor(columns / 2)));
  const title = fitText(step.title, columns - 5 - textWidth(shownEnd));
  return `${sign} ${title} ${palette.dim(shownEnd)}`;
}
