import type { BuildEvent, BuildReport, BuiltImage, ErrorRecord, StepId, StepStatus } from '@onebuild/core';
import { cleanLine, lastOverwrite } from './clean-text.ts';
import { LineBuffer } from './line-buffer.ts';

type StepStarted = Extract<BuildEvent, { type: 'step.started' }>;
export type WarningEvent = Extract<BuildEvent, { type: 'warning' }>;
export type ProgressEvent = Extract<BuildEvent, { type: 'step.progress' }>;

/** What is known of one step. */
export interface StepRecord {
  /** Counts from 1 in the order of starting. */
  readonly number: number;
  readonly started: StepStarted;
  readonly title: string;
  /** Milliseconds since the epoch of the newest event. */
  lastTime: number;
  /** The newest lines of output, oldest first. */
  tail: { readonly text: string; readonly time: number }[];
  /** Lines of output so far. */
  lines: number;
  /** When the newest line was shown or complete; milliseconds since the epoch. */
  lastLine: number;
  /** What moves, by label. */
  readonly progress: Map<string, ProgressEvent>;
  finished?: {
    readonly status: StepStatus;
    readonly ms: number;
    readonly why?: string;
    readonly note?: string;
  };
  readonly buffers: { readonly stdout: LineBuffer; readonly stderr: LineBuffer };
}

export interface OutputLine {
  readonly step: StepRecord;
  readonly text: string;
  readonly time: number;
}

/** Lines of a step that are kept, for displays that showed all of them once. */
const keptLines = 20;

/** The same for displays that show little or nothing while a step runs. */
export const unseenLines = 2000;

/** Characters of a step's kept lines, at most. */
const keptCharacters = 4 << 20;

/** Characters of a step's name that are shown. */
const longestTitle = 240;

/** Folds events into the state that displays draw from. */
export class BuildRecord {
  readonly steps = new Map<StepId, StepRecord>();
  readonly #kept: number;
  readonly warnings: WarningEvent[] = [];
  readonly images: BuiltImage[] = [];
  isolation: string | undefined;
  total: number | undefined;
  startTime: number | undefined;
  finish:
    | {
        readonly ok: boolean;
        readonly ms: number;
        readonly ran: number;
        readonly cached: number;
        readonly error?: ErrorRecord;
        readonly report?: BuildReport;
      }
    | undefined;

  /** `kept`: lines of each step's output that are kept while it runs, and when it fails. */
  constructor(kept: number = keptLines) {
    this.#kept = kept;
  }

  /** Takes an event in; returns the lines of output that it completes. */
  take(event: BuildEvent): readonly OutputLine[] {
    this.startTime ??= event.time;
    switch (event.type) {
      case 'build.started':
        return [];
      case 'sandbox.chosen':
        this.isolation = event.isolation;
        return [];
      case 'build.planned':
        this.total = event.total;
        return [];
      case 'step.started':
        this.#start(event);
        return [];
      case 'step.output':
        return this.#output(event);
      case 'step.progress':
        this.#progress(event);
        return [];
      case 'step.finished':
        return this.#finishStep(event);
      case 'warning':
        this.warnings.push(event);
        return [];
      case 'image.built':
        this.images.push(event.image);
        return [];
      case 'build.finished':
        this.finish = event;
        return [];
    }
  }

  running(): readonly StepRecord[] {
    return [...this.steps.values()].filter((step) => step.finished === undefined);
  }

  failed(): readonly StepRecord[] {
    return [...this.steps.values()].filter((step) => step.finished?.status === 'failed');
  }

  /** Steps that ended, or ended in one way. */
  finishedCount(status?: StepStatus): number {
    let count = 0;
    for (const { finished } of this.steps.values()) {
      if (finished !== undefined && (status === undefined || finished.status === status)) count++;
    }
    return count;
  }

  #start(event: StepStarted): void {
    this.steps.set(event.step, {
      number: this.steps.size + 1,
      started: event,
      title: titleOf(event),
      lastTime: event.time,
      tail: [],
      lines: 0,
      lastLine: event.time,
      progress: new Map(),
      buffers: { stdout: new LineBuffer(), stderr: new LineBuffer() },
    });
  }

  #output(event: Extract<BuildEvent, { type: 'step.output' }>): readonly OutputLine[] {
    const step = this.steps.get(event.step);
    if (step === undefined) return [];
    return this.#keep(step, step.buffers[event.stream].push(event.text), event.time);
  }

  #progress(event: ProgressEvent): void {
    const step = this.steps.get(event.step);
    if (step === undefined) return;
    step.lastTime = event.time;
    step.progress.set(event.label, event);
  }

  #finishStep(event: Extract<BuildEvent, { type: 'step.finished' }>): readonly OutputLine[] {
    const step = this.steps.get(event.step);
    if (step === undefined) return [];
    const rest = [...step.buffers.stdout.flush(), ...step.buffers.stderr.flush()];
    const lines = this.#keep(step, rest, event.time);
    step.finished = event;
    step.tail = event.status === 'failed' ? lastOf(step.tail, this.#kept) : [];
    return lines;
  }

  #keep(step: StepRecord, lines: readonly string[], time: number): readonly OutputLine[] {
    step.lastTime = time;
    step.lines += lines.length;
    if (lines.length > 0) step.lastLine = time;
    for (const text of lines) step.tail.push({ text, time });
    if (step.tail.length > 2 * this.#kept) step.tail = lastOf(step.tail, this.#kept);
    return lines.map((text) => ({ step, text, time }));
  }
}

/** The newest lines, at most `count` of them and {@link keptCharacters}. */
function lastOf(tail: StepRecord['tail'], count: number): StepRecord['tail'] {
  let first = tail.length;
  let room = keptCharacters;
  while (first > 0 && tail.length - first < count && room > 0) room -= tail[--first]?.text.length ?? 0;
  return tail.slice(first);
}

/** What a step wrote last without ending the line. */
export function pendingLine({ buffers }: StepRecord): string {
  return lastOverwrite(buffers.stderr.pending()) || lastOverwrite(buffers.stdout.pending());
}

/** `[linux/arm64 builder 2/5] RUN make`, `[helper.kylinv10 linux/arm64 2/5] COPY . .` */
function titleOf(event: StepStarted): string {
  const place = [
    event.target,
    event.platform,
    event.stage,
    event.position === undefined ? undefined : `${event.position[0]}/${event.position[1]}`,
  ].filter((part) => part !== undefined);
  const name = event.name.slice(0, longestTitle).replace(/\s+/g, ' ').trim();
  const title = place.length === 0 ? name : `[${place.join(' ')}] ${name}`;
  return cleanLine(event.name.length > longestTitle ? `${title}…` : title, { colours: false });
}
