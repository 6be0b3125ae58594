import type { OneBuildError } from '@onebuild/core';
import { faultAt, type TextFile } from '../../text-file.ts';
import type { Place } from './syntax.ts';

/** A position in a text that is parsed; it moves on. */
export interface Cursor {
  readonly file: TextFile;
  readonly text: string;
  position: number;
  readonly end: number;
  depth: number;
  /** Whether ends of lines are blanks: inside of brackets they are. */
  spansLines: boolean;
  /** Where everything in it was written, when the text is not that of the file: decoded JSON. */
  readonly fixed?: Place;
}

/** Levels of brackets, operators and templates in each other. */
const deepest = 100;

export function createCursor(file: TextFile): Cursor {
  return { file, text: file.text, position: 0, end: file.text.length, depth: 0, spansLines: false };
}

export function placeFrom(cursor: Cursor, start: number, end = cursor.position): Place {
  return cursor.fixed ?? { file: cursor.file, start, end };
}

export function parseFault(at: Place, message: string, hint?: string): OneBuildError {
  return faultAt(at.file, at, { code: 'PROJECT_PARSE', message, ...(hint !== undefined && { hint }) });
}

/** A fault at the next character. */
export function unexpected(cursor: Cursor, wanted: string, hint?: string): OneBuildError {
  const { text, position, end } = cursor;
  const next = position >= end ? 'the end' : text[position] === '\n' ? 'the end of the line' : text[position];
  return parseFault(placeFrom(cursor, position, position + 1), `${wanted} is expected, not ${next}`, hint);
}

export function looksAt(cursor: Cursor, word: string): boolean {
  return cursor.position + word.length <= cursor.end && cursor.text.startsWith(word, cursor.position);
}

/** Whether the word stood next; then it is behind. */
export function accept(cursor: Cursor, word: string): boolean {
  if (!looksAt(cursor, word)) return false;
  cursor.position += word.length;
  return true;
}

export function expect(cursor: Cursor, word: string, hint?: string): void {
  skipBlanks(cursor);
  if (!accept(cursor, word)) throw unexpected(cursor, word, hint);
}

/** Goes behind blanks and comments, and behind ends of lines where they are blanks. */
export function skipBlanks(cursor: Cursor): void {
  const { text, end } = cursor;
  for (;;) {
    const char = cursor.position < end ? text[cursor.position] : undefined;
    if (char === ' ' || char === '\t' || char === '\r' || (char === '\n' && cursor.spansLines)) {
      cursor.position++;
    } else if (char === '#' || looksAt(cursor, '//')) {
      const feed = text.indexOf('\n', cursor.position);
      cursor.position = feed === -1 || feed > end ? end : feed;
    } else if (looksAt(cursor, '/*')) {
      const close = text.indexOf('*/', cursor.position + 2);
      if (close === -1 || close + 2 > end) throw unexpected(cursor, '*/ behind the comment');
      cursor.position = close + 2;
    } else {
      return;
    }
  }
}

const identifier = /[\p{L}_][\p{L}\p{N}_-]*/uy;

export function readIdentifier(cursor: Cursor): string | undefined {
  identifier.lastIndex = cursor.position;
  const [found] = identifier.exec(cursor.text) ?? [];
  if (found === undefined || cursor.position + found.length > cursor.end) return undefined;
  cursor.position += found.length;
  return found;
}

/** Runs `work` one level deeper, with ends of lines as said. */
export function nested<T>(cursor: Cursor, spansLines: boolean, work: () => T): T {
  if (cursor.depth >= deepest) {
    throw parseFault(
      placeFrom(cursor, cursor.position, cursor.position + 1),
      `this is nested more than ${deepest} levels deep`,
    );
  }
  const before = cursor.spansLines;
  cursor.depth++;
  cursor.spansLines = spansLines;
  try {
    return work();
  } finally {
    cursor.depth--;
    cursor.spansLines = before;
  }
}
