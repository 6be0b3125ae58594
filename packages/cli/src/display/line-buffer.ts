import { lastOverwrite } from './clean-text.ts';

/** Longest line that is kept together; a longer one is cut into several. */
const longestLine = 16_384;

/** Puts lines together from pieces of text that end anywhere. */
export class LineBuffer {
  #rest = '';

  /** The lines that `text` completes, without their ends. */
  push(text: string): readonly string[] {
    const lines = (this.#rest + text).split('\n');
    this.#rest = withoutOverwritten(lines.pop() ?? '');
    const whole = lines.flatMap(cut);
    while (this.#rest.length > longestLine) {
      whole.push(this.#rest.slice(0, longestLine));
      this.#rest = this.#rest.slice(longestLine);
    }
    return whole;
  }

  /** What has come without an end of line: a prompt, or progress that is written over itself. */
  pending(): string {
    return this.#rest;
  }

  /** What has come without an end of line; empty afterwards. */
  flush(): readonly string[] {
    const rest = this.#rest;
    this.#rest = '';
    return rest === '' ? [] : cut(rest);
  }
}

/** Progress that is written over itself for hours stays one line long; a last carriage return waits for what it begins. */
function withoutOverwritten(text: string): string {
  if (!text.includes('\r')) return text;
  return lastOverwrite(text) + (text.endsWith('\r') ? '\r' : '');
}

function cut(line: string): string[] {
  if (line.length <= longestLine) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length; at += longestLine) pieces.push(line.slice(at, at + longestLine));
  return pieces;
}
