import type { RecordedStep } from '@onebuild/engine';
import { cleanLine } from '../../display/clean-text.ts';
import { formatDuration } from '../../display/format-amounts.ts';

export const statusWords = { done: 'ran', cached: 'cached', failed: 'failed', canceled: 'stopped' } as const;

/** A text in one line, safe to print. */
export function oneLine(text: string): string {
  return cleanLine(text.replace(/\s+/g, ' '), { colours: false }).trim();
}

/** `[linux/arm64 builder] RUN make` */
export function stepTitle({ name, platform, stage }: RecordedStep): string {
  const place = [platform, stage].filter((part) => part !== undefined).join(' ');
  return oneLine(place === '' ? name : `[${place}] ${name}`);
}

/** Why it ran or not, in a few words: for a table. */
export function shortReason({ status, why, note, line }: RecordedStep): string {
  if (why !== undefined) return `${oneLine(why)}${status === 'cached' ? ', to the same result' : ''}`;
  if (note !== undefined) return oneLine(note);
  return status === 'done' && line !== undefined ? 'first build here' : '';
}

/** Why it ran or not, in a sentence. */
export function describeOutcome({ status, ms, why, note, line, name }: RecordedStep): string {
  const reason = why === undefined ? undefined : oneLine(why);
  const told = note === undefined ? '' : ` (${oneLine(note)})`;
  const time = formatDuration(ms);
  switch (status) {
    case 'cached':
      if (note !== undefined) return `did not run: ${oneLine(note)}`;
      if (/^FROM /i.test(name)) return 'did not run: a base is taken as it is';
      return reason === undefined
        ? 'did not run: nothing that it looks at differs from an earlier build, and its result is there'
        : `did not run: ${reason}, but what comes out was there already`;
    case 'done':
      if (reason !== undefined) return `ran for ${time}${told}: ${reason}`;
      return `ran for ${time}${told}${line === undefined ? '' : ': nothing of this context was built here before'}`;
    case 'failed':
      return `failed after ${time}${reason === undefined ? '' : `; it ran because: ${reason}`}`;
    case 'canceled':
      return `was stopped after ${time}${reason === undefined ? '' : `; it ran because: ${reason}`}`;
  }
}
