import type { EscapeCharacter } from './directive-reader.ts';
import { type DirectiveReader, readDirective } from './directive-reader.ts';
import { type LineCursor, nextLine, trimLineBreak } from './line-cursor.ts';
import { trim, trimStart } from './white-space.ts';

/** An instruction's text with its continuations joined. */
export interface LogicalLine {
  readonly text: string;
  readonly startLine: number;
  readonly endLine: number;
  /** From 1: where the first line's text begins. */
  readonly column: number;
  /** Comments above it, without `#`, with no blank line or empty comment between. */
  readonly comments: readonly string[];
  /** Set where a continuation goes on over a blank line: the number of its last line. */
  readonly blankContinuation?: number;
}

/**
 * The next instruction's line; undefined at the end of the text. Comment lines vanish, inside continuations as well.
 * @throws DOCKERFILE_PARSE
 */
export function nextLogicalLine(cursor: LineCursor, directives: DirectiveReader): LogicalLine | undefined {
  let comments: string[] = [];
  for (;;) {
    const raw = nextLine(cursor);
    if (raw === undefined) return undefined;
    const line = trimStart(trimLineBreak(raw));
    const directive = readDirective(directives, line, { file: cursor.name, line: cursor.line });
    if (line.startsWith('#')) {
      const comment = trim(line.slice(1));
      if (comment === '') comments = [];
      else if (!directive) comments.push(comment);
      continue;
    }
    if (line === '') {
      comments = [];
      continue;
    }
    const column = raw.length - trimStart(raw).length + 1;
    return { ...joinContinuations(cursor, line, directives.escape), column, comments };
  }
}

function joinContinuations(
  cursor: LineCursor,
  first: string,
  escape: EscapeCharacter,
): Omit<LogicalLine, 'column' | 'comments'> {
  const startLine = cursor.line;
  let blank = false;
  let part = cutContinuation(first, escape);
  const parts = [part.text];
  while (part.continues) {
    const raw = nextLine(cursor);
    if (raw === undefined) break;
    const line = trimLineBreak(raw);
    const content = trimStart(line);
    if (content.startsWith('#')) continue;
    if (content === '') {
      blank = true;
      continue;
    }
    part = cutContinuation(line, escape);
    parts.push(part.text);
  }
  return {
    text: parts.join(''),
    startLine,
    endLine: cursor.line,
    ...(blank && { blankContinuation: cursor.line }),
  };
}

/** An escape character at the end of a line continues it, unless it is itself escaped; blanks may follow it. */
export function cutContinuation(line: string, escape: EscapeCharacter): { text: string; continues: boolean } {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  if (end === 0 || line[end - 1] !== escape || line[end - 2] === escape)
    return { text: line, continues: false };
  return { text: line.slice(0, end - 1), continues: true };
}
