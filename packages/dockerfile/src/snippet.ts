import type { SourceLocation } from '@onebuild/core';

/** Lines shown before and behind the place. */
const around = 3;
/** Lines of the place itself, and characters of a line, that are shown at most. */
const mostLines = 12;
const mostColumns = 200;

/**
 * The lines around a place, numbered, those of the place marked with `>>>`:
 *
 * ```text
 *    1 |     FROM scratch
 *    2 | >>> RNU make
 * ```
 */
export function drawSnippet(text: string, location: Pick<SourceLocation, 'line' | 'endLine'>): string {
  const { line, endLine = line } = location;
  const lines = pickLines(text, line - around, Math.min(endLine, line + mostLines) + around);
  const width = Math.max(4, ...lines.map(({ number }) => String(number).length));
  return lines
    .map(({ number, content }) => {
      const mark = number >= line && number <= endLine ? '>>>' : '   ';
      return `${String(number).padStart(width)} | ${mark} ${content}`.trimEnd();
    })
    .join('\n');
}

/** Places that were asked for already: many targets may build from one file. */
const known = new WeakMap<SourceLocation, { readonly text: string; readonly located: SourceLocation }>();

/** The place with its snippet; one that has a snippet stays as it is. */
export function locate(file: { readonly text?: string }, location: SourceLocation): SourceLocation {
  if (location.snippet !== undefined || file.text === undefined) return location;
  const before = known.get(location);
  if (before?.text === file.text) return before.located;
  const located = { ...location, snippet: drawSnippet(file.text, location) };
  known.set(location, { text: file.text, located });
  return located;
}

function pickLines(
  text: string,
  first: number,
  last: number,
): readonly { number: number; content: string }[] {
  const starts = lineStarts(text);
  const picked: { number: number; content: string }[] = [];
  for (let number = Math.max(1, first); number <= Math.min(last, starts.length - 1); number++) {
    const content = text.slice(starts[number - 1], (starts[number] ?? 0) - 1);
    picked.push({ number, content: shorten(content) });
  }
  return picked;
}

let latest: { readonly text: string; readonly starts: readonly number[] } | undefined;

/** Offsets of the lines, and of where another one would start. The latest text's are kept: one file has many places. */
function lineStarts(text: string): readonly number[] {
  if (latest?.text === text) return latest.starts;
  const starts = [0];
  let offset = 0;
  while (offset < text.length) {
    const feed = text.indexOf('\n', offset);
    offset = feed === -1 ? text.length + 1 : feed + 1;
    starts.push(offset);
  }
  latest = { text, starts };
  return starts;
}

/** Control characters become visible: a snippet goes to a terminal. */
function shorten(line: string): string {
  const clean = line
    .replace(/\r$/, '')
    .replace(/\t/g, '    ')
    .replace(/\p{Cc}/gu, '\uFFFD');
  return clean.length > mostColumns ? `${clean.slice(0, mostColumns)}...` : clean;
}
