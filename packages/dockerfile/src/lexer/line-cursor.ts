import { fault } from '@onebuild/core';

/** Longest physical line, in UTF-8 bytes; the limit of Docker's own parser. */
export const longestLine = 65_535;

/** A place in a text that is read line by line. */
export interface LineCursor {
  readonly name: string;
  readonly text: string;
  /** Of the next line. */
  offset: number;
  /** Number of the line that was read last; 0 before the first. */
  line: number;
}

export function openLines(text: string, name: string): LineCursor {
  return { name, text: text.startsWith('\uFEFF') ? text.slice(1) : text, offset: 0, line: 0 };
}

/**
 * The next line with its line break; undefined at the end.
 * @throws DOCKERFILE_PARSE for a line over 65,535 bytes
 */
export function nextLine(cursor: LineCursor): string | undefined {
  const { text, offset } = cursor;
  if (offset >= text.length) return undefined;
  const feed = text.indexOf('\n', offset);
  const end = feed === -1 ? text.length : feed + 1;
  cursor.offset = end;
  cursor.line++;
  const line = text.slice(offset, end);
  if (line.length * 3 > longestLine && Buffer.byteLength(line) > longestLine) {
    throw fault('DOCKERFILE_PARSE', `line ${cursor.line} is longer than ${longestLine} bytes`, {
      location: { file: cursor.name, line: cursor.line },
      hint: 'Break the line with continuations, or move its content into a file.',
    });
  }
  return line;
}

/** `line` without carriage returns and line feeds at its end. */
export function trimLineBreak(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === '\n' || line[end - 1] === '\r')) end--;
  return line.slice(0, end);
}
