import { type ErrorCode, fault, type OneBuildError, type SourceLocation } from '@onebuild/core';
import { drawSnippet } from '@onebuild/dockerfile';

/** A file that was read: what faults call it, and what is in it. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** Longest project file, in UTF-16 units. */
export const longestFile = 2 * 1024 * 1024;

/** The place of the characters from `from` to before `end`, with its snippet. Offsets are in UTF-16 units. */
export function locateOffset(file: TextFile, from: number, end = from): SourceLocation {
  // what is missing behind the last line is missing at its end
  const start = Math.min(from, file.text.trimEnd().length);
  const before = file.text.slice(0, start);
  const line = countLines(before);
  // what ends with a line ends in it, not in the next one
  const inside = file.text.slice(start, end).trimEnd();
  const endLine = line + countLines(inside) - 1;
  const place = {
    line,
    column: start - (before.lastIndexOf('\n') + 1) + 1,
    ...(endLine > line && { endLine }),
  };
  return { file: file.name, ...place, snippet: drawSnippet(file.text, place) };
}

/** A fault at a place of the file. */
export function faultAt(
  file: TextFile,
  place: { readonly start: number; readonly end?: number },
  problem: { readonly code?: ErrorCode; readonly message: string; readonly hint?: string },
): OneBuildError {
  return fault(problem.code ?? 'PROJECT_INVALID', problem.message, {
    ...(problem.hint !== undefined && { hint: problem.hint }),
    location: locateOffset(file, place.start, place.end),
  });
}

function countLines(text: string): number {
  let lines = 1;
  for (let feed = text.indexOf('\n'); feed !== -1; feed = text.indexOf('\n', feed + 1)) lines++;
  return lines;
}
