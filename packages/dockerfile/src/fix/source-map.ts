import type { Dockerfile } from '../dockerfile.ts';
import { trimLineBreak } from '../lexer/line-cursor.ts';
import { cutContinuation } from '../lexer/logical-line.ts';
import { trimStart } from '../lexer/white-space.ts';
import { countUpTo, indexSource } from './source-index.ts';

/** An instruction's joined line, and where its parts stand in the file. */
export interface SourceMap {
  /** Continuations joined, comments gone, as the parser sees it; without heredoc bodies. */
  readonly text: string;
  /** Offset in the file of a range of `text`; undefined where the range is broken by a continuation. */
  locate(start: number, end: number): number | undefined;
  /** Blank lines inside the continuation, with their line breaks; offsets in the file. */
  readonly blanks: readonly { readonly start: number; readonly end: number }[];
}

/** `line`: where the instruction begins, from 1. */
export function mapSource(dockerfile: Dockerfile, line: number): SourceMap {
  const { text, escape } = dockerfile;
  let offset = indexSource(dockerfile).startOf(line);
  const parts: { at: number; start: number; length: number }[] = [];
  const blanks: { start: number; end: number }[] = [];
  let joined = '';
  for (let continues = true; continues && offset < text.length; ) {
    const end = endOfLine(text, offset);
    const raw = trimLineBreak(text.slice(offset, end));
    const content = trimStart(raw);
    if (content === '') blanks.push({ start: offset, end });
    if (content !== '' && (parts.length === 0 || !content.startsWith('#'))) {
      const own = parts.length === 0 ? content : raw;
      const cut = cutContinuation(own, escape);
      parts.push({ at: joined.length, start: offset + raw.length - own.length, length: cut.text.length });
      joined += cut.text;
      continues = cut.continues;
    }
    offset = end;
  }
  return {
    text: joined,
    blanks,
    locate(start, end) {
      const part = parts[countUpTo(parts, ({ at }) => at <= start) - 1];
      if (part === undefined || start >= part.at + part.length || end > part.at + part.length)
        return undefined;
      return part.start + start - part.at;
    },
  };
}

function endOfLine(text: string, offset: number): number {
  const feed = text.indexOf('\n', offset);
  return feed === -1 ? text.length : feed + 1;
}
