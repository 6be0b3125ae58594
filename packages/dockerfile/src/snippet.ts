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

/** The place with its snippet; one that has a snippet stays as it is. */
export function locate(file: { readonly text?: string }, location: SourceLocation): SourceLocation {
  if (location.snippet !== undefined || file.text === undefined) return location;
  return { ...location, snippet: drawSnippet(file.text, location) };
}

function pickLines(
  text: string,
  first: number,
  last: number,
): readonly { number: number; content: string }[] {
  const picked: { number: number; content: string }[] = [];
  let offset = 0;
  for (let number = 1; number <= last && offset < text.length; number++) {
    const feed = text.indexOf('\n', offset);
    const end = feed === -1 ? text.length : feed;
    if (number >= first) picked.push({ number, content: shorten(text.slice(offset, end)) });
    offset = end + 1;
  }
  return picked;
}

/** Control characters become visible: a snippet goes to a terminal. */
function shorten(line: string): string {
  const clean = line
    .replace(/\r$/, '')
    .replace(/\t/g, '    ')
    .replace(/\p{Cc}/gu, '\uFFFD');
  return clean.length > mostColumns ? `${clean.slice(0, mostColumns)}...` : clean;
}
