import {
  BuildRecord,
  type OutputLine,
  type ProgressEvent,
  pendingLine,
  type StepRecord,
} from './build-record.ts';
import { renderFailure, renderSummary, renderWarning } from './build-summary.ts';
import { cleanLine } from './clean-text.ts';
import type { Display, DisplayTarget } from './display.ts';
import { formatBytes } from './format-amounts.ts';
import type { Palette } from './palette.ts';

/** How often one transfer, or a line that is written over itself, reports, in milliseconds. */
const progressInterval = 5000;

export interface PlainDisplayOptions {
  readonly palette: Palette;
  /** Whether colours in the output of steps are passed on. */
  readonly outputColours: boolean;
}

/** Lines that only ever grow, for pipes and logs: `#3 RUN make`, `#3 0.52 text`, `#3 DONE 1.2s`. */
export function createPlainDisplay(
  target: DisplayTarget,
  { palette, outputColours }: PlainDisplayOptions,
): Display {
  const record = new BuildRecord();
  const reported = new Map<string, number>();
  let lastStep: StepRecord | undefined;
  const write = (lines: readonly string[]): void => {
    if (lines.length > 0) target.write(`${lines.join('\n')}\n`);
  };
  const onStep = (step: StepRecord, lines: readonly string[]): void => {
    if (lines.length === 0) return;
    const title = palette.bold(step.title);
    const texts = lastStep === step || lines[0] === title ? lines : [title, ...lines];
    const gap = lastStep !== undefined && lastStep !== step ? [''] : [];
    lastStep = step;
    write([...gap, ...texts.map((line) => `#${step.number} ${line}`)]);
  };
  const onOutput = (lines: readonly OutputLine[]): void => {
    for (const [step, group] of Map.groupBy(lines, (line) => line.step)) {
      onStep(
        step,
        group.map(({ text, time }) => stamped(step, cleanLine(text, { colours: outputColours }), time)),
      );
    }
  };
  return {
    show(event) {
      onOutput(record.take(event));
      const step = 'step' in event ? record.steps.get(event.step) : undefined;
      switch (event.type) {
        case 'build.started':
          write([palette.dim(`onebuild ${event.version}`), '']);
          break;
        case 'sandbox.chosen':
          write([palette.dim(`RUN is isolated by ${event.isolation}`)]);
          break;
        case 'step.started':
          if (step !== undefined) onStep(step, [palette.bold(step.title)]);
          break;
        case 'step.progress':
          if (step !== undefined && isDue(reported, event)) onStep(step, [progressLine(event)]);
          break;
        case 'step.output':
          if (step !== undefined && isSilent(step, event.time)) {
            step.lastLine = event.time;
            onStep(step, [stamped(step, cleanLine(pendingLine(step), { colours: false }), event.time)]);
          }
          break;
        case 'step.finished':
          if (step !== undefined) onStep(step, ending(step, palette));
          break;
        case 'warning':
          write([...(lastStep === undefined ? [] : ['']), ...renderWarning(event, palette)]);
          break;
      }
    },
    end() {
      const lines =
        record.finish?.ok === true ? renderSummary(record, palette) : renderFailure(record, palette);
      write(record.steps.size > 0 && lines.length > 0 ? ['', ...lines] : lines);
    },
  };
}

function stamped(step: StepRecord, text: string, time: number): string {
  return `${((time - step.started.time) / 1000).toFixed(2)} ${text}`;
}

/** It writes one line over itself, and nothing was printed of it for a while: whoever reads a log thinks that it hangs. */
function isSilent(step: StepRecord, now: number): boolean {
  return now - step.lastLine >= progressInterval && pendingLine(step) !== '';
}

function ending(step: StepRecord, palette: Palette): string[] {
  const { status, ms, why, note } = step.finished ?? { status: 'canceled', ms: 0 };
  const lines: string[] = [];
  if (note !== undefined) lines.push(cleanLine(note, { colours: false }));
  if (status === 'cached') lines.push(palette.good('CACHED'));
  else if (status === 'done') lines.push(`${palette.good('DONE')} ${seconds(ms)}${why ? ` (${why})` : ''}`);
  else if (status === 'failed') lines.push(`${palette.bad('ERROR')} ${seconds(ms)}`);
  else lines.push(`${palette.warn('CANCELED')} ${seconds(ms)}`);
  return lines;
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)}s`;
}

function isDue(reported: Map<string, number>, event: ProgressEvent): boolean {
  const key = `${event.step} ${event.label}`;
  const last = reported.get(key);
  const complete = event.total !== undefined && event.current >= event.total;
  if (last === Number.POSITIVE_INFINITY) return false;
  if (!complete && last !== undefined && event.time - last < progressInterval) return false;
  reported.set(key, complete ? Number.POSITIVE_INFINITY : event.time);
  return complete || last !== undefined || event.total === undefined || event.current > 0;
}

function progressLine(event: ProgressEvent): string {
  const amount = (value: number): string => (event.unit === 'bytes' ? formatBytes(value) : String(value));
  const of = event.total === undefined ? '' : ` / ${amount(event.total)}`;
  const unit = event.unit === 'files' ? ' files' : '';
  return `${cleanLine(event.label, { colours: false })} ${amount(event.current)}${of}${unit}`;
}
