import type { Clock } from '@onebuild/core';
import type { TerminalStream } from '../cli-context.ts';
import { cleanLine } from './clean-text.ts';

/** Says what is waited for, once it takes long. */
export interface Waiting {
  show(text: string): void;
  /** Takes the line away. May be called again. */
  end(): void;
}

const patienceMs = 2000;
/** Where lines stay, there are fewer of them. */
const betweenLinesMs = 10_000;

/** On a terminal one line that changes, elsewhere a line now and then; nothing at all in the first two seconds. */
export function showWaiting(
  target: TerminalStream,
  { clock, text }: { readonly clock: Clock; readonly text: string },
): Waiting {
  const columns = target.isTTY === true ? Math.max(20, target.columns || 80) : 160;
  let current = text;
  let shown = '';
  let next = clock() + patienceMs;
  const timer = setInterval(() => {
    if (clock() < next || current === shown) return;
    shown = current;
    const line = cleanLine(current, { colours: false }).slice(0, columns - 1);
    if (target.isTTY === true) {
      target.write(`\r\u001b[K${line}`);
      return;
    }
    target.write(`${line}\n`);
    next = clock() + betweenLinesMs;
  }, 250);
  timer.unref();
  return {
    show(text) {
      current = text;
    },
    end() {
      clearInterval(timer);
      if (shown !== '' && target.isTTY === true) target.write('\r\u001b[K');
      shown = '';
    },
  };
}
