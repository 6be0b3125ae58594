import {
  accept,
  type Cursor,
  expect,
  looksAt,
  nested,
  parseFault,
  placeFrom,
  readIdentifier,
  skipBlanks,
  unexpected,
} from './cursor.ts';
import { parseLoop } from './parse-collection.ts';
import { parseExpression } from './parse-expression.ts';
import { readEscape } from './read-escape.ts';
import type { Expression, Place, TemplatePart } from './syntax.ts';

type Mode = { readonly kind: 'quoted' } | { readonly kind: 'raw'; readonly indent: number };

/** A text in quotes; the cursor stands before the first one. */
export function parseQuoted(cursor: Cursor): Expression {
  const start = cursor.position++;
  const parts = nested(cursor, cursor.spansLines, () => readWhole(cursor, { kind: 'quoted' }));
  if (!accept(cursor, '"')) throw unexpected(cursor, 'the closing quote');
  return makeTemplate(parts, placeFrom(cursor, start));
}

/** `<<EOF` or `<<-EOF`, the text in the lines behind it, and the closing line. */
export function parseHeredoc(cursor: Cursor): Expression {
  const start = cursor.position;
  cursor.position += 2;
  const flush = accept(cursor, '-');
  const name = readIdentifier(cursor);
  if (name === undefined) throw unexpected(cursor, 'the name of the closing line');
  accept(cursor, '\r');
  if (!accept(cursor, '\n')) throw unexpected(cursor, 'the end of the line');
  const body = cursor.position;
  const close = findClosingLine(cursor, name);
  if (close === undefined) {
    throw parseFault(placeFrom(cursor, start), `the line that closes the text is missing: ${name}`);
  }
  const inner: Cursor = { ...cursor, end: close.start, spansLines: false };
  const indent = flush ? leastIndent(cursor.text.slice(body, close.start)) : 0;
  const parts = nested(inner, false, () => readWhole(inner, { kind: 'raw', indent }));
  cursor.position = close.end;
  return makeTemplate(parts, placeFrom(cursor, start), true);
}

/** A text that is a template as a whole: a value of a JSON file. */
export function parseTemplateText(text: string, at: Place): Expression {
  if (!text.includes('${') && !text.includes('%{')) return { kind: 'literal', value: text, at };
  const cursor: Cursor = {
    file: at.file,
    text,
    position: 0,
    end: text.length,
    depth: 0,
    spansLines: false,
    fixed: at,
  };
  return makeTemplate(readWhole(cursor, { kind: 'raw', indent: 0 }), at);
}

/** A template of one value alone is that value, whatever its kind. */
function makeTemplate(parts: readonly TemplatePart[], at: Place, isHeredoc = false): Expression {
  const [only, ...others] = parts;
  if (only === undefined) return { kind: 'literal', value: '', at };
  if (others.length === 0 && only.kind === 'text') return { kind: 'literal', value: only.text, at };
  if (others.length === 0 && only.kind === 'value' && !isHeredoc) return only.value;
  return { kind: 'template', parts, at };
}

function readWhole(cursor: Cursor, mode: Mode): readonly TemplatePart[] {
  const { parts, closedBy } = readParts(cursor, mode);
  if (closedBy !== undefined) throw unexpected(cursor, `an opening directive before ${closedBy}`);
  return parts;
}

interface Parts {
  readonly parts: readonly TemplatePart[];
  /** `else`, `endif`, `endfor`; undefined: the end of the text. */
  readonly closedBy: string | undefined;
}

/** Goes on to the end of the text, or behind the directive that ends a part of it. */
function readParts(cursor: Cursor, mode: Mode, trimsFirst = false): Parts {
  const parts: TemplatePart[] = [];
  let trimsNext = trimsFirst;
  for (;;) {
    const text = readText(cursor, mode, trimsNext);
    const opening = (['${', '%{'] as const).find((one) => accept(cursor, one));
    const trimsLast = opening !== undefined && accept(cursor, '~');
    const kept = trim(text, trimsNext, trimsLast);
    if (kept !== '') parts.push({ kind: 'text', text: kept });
    if (opening === undefined) return { parts, closedBy: undefined };
    if (opening === '${') {
      const value = nested(cursor, true, () => parseExpression(cursor));
      parts.push({ kind: 'value', value });
      trimsNext = closeMarker(cursor);
    } else {
      const directive = readDirective(cursor, mode);
      if (typeof directive === 'string') return { parts, closedBy: directive };
      parts.push(directive.part);
      trimsNext = directive.trimsNext;
    }
  }
}

type Directive = string | { readonly part: TemplatePart; readonly trimsNext: boolean };

/** Whether the directive that was read last trims what follows; handed on from the closing directive of a part. */
const trimming = new WeakMap<Cursor, boolean>();

function readDirective(cursor: Cursor, mode: Mode): Directive {
  const word = nested(cursor, true, () => {
    skipBlanks(cursor);
    return readIdentifier(cursor);
  });
  if (word === 'if') return nested(cursor, cursor.spansLines, () => readIf(cursor, mode));
  if (word === 'for') return nested(cursor, cursor.spansLines, () => readFor(cursor, mode));
  if (word !== 'else' && word !== 'endif' && word !== 'endfor') {
    throw unexpected(cursor, 'if, else, endif, for or endfor', 'A plain %{ is written %%{.');
  }
  trimming.set(cursor, closeMarker(cursor));
  return word;
}

function readIf(cursor: Cursor, mode: Mode): Directive {
  const test = nested(cursor, true, () => parseExpression(cursor));
  const yes = readParts(cursor, mode, closeMarker(cursor));
  const hasElse = yes.closedBy === 'else';
  const no = hasElse ? readParts(cursor, mode, trimming.get(cursor)) : { parts: [], closedBy: yes.closedBy };
  if (no.closedBy !== 'endif') throw unexpected(cursor, '%{ endif }');
  return {
    part: { kind: 'if', test, yes: yes.parts, no: no.parts },
    trimsNext: trimming.get(cursor) ?? false,
  };
}

function readFor(cursor: Cursor, mode: Mode): Directive {
  const loop = nested(cursor, true, () => parseLoop(cursor));
  const body = readParts(cursor, mode, closeMarker(cursor));
  if (body.closedBy !== 'endfor') throw unexpected(cursor, '%{ endfor }');
  return { part: { kind: 'for', ...loop, body: body.parts }, trimsNext: trimming.get(cursor) ?? false };
}

/** Goes behind `}` or `~}`; whether it was the latter. */
function closeMarker(cursor: Cursor): boolean {
  return nested(cursor, true, () => {
    skipBlanks(cursor);
    const trims = accept(cursor, '~');
    expect(cursor, '}', 'A plain ${ is written $${.');
    return trims;
  });
}

function readText(cursor: Cursor, mode: Mode, trimsFirst: boolean): string {
  const { text, end } = cursor;
  let read = '';
  for (;;) {
    // a line that is put behind the marker before it is no line of its own
    const isJoined = trimsFirst && read.trim() === '' && read.indexOf('\n') === read.length - 1;
    if (mode.kind === 'raw' && !isJoined) skipIndent(cursor, mode.indent);
    if (cursor.position >= end) return read;
    if (looksAt(cursor, '${') || looksAt(cursor, '%{')) return read;
    const char = text[cursor.position] ?? '';
    if (looksAt(cursor, '$${') || looksAt(cursor, '%%{')) {
      read += `${char}{`;
      cursor.position += 3;
    } else if (mode.kind === 'quoted' && char === '"') {
      return read;
    } else if (mode.kind === 'quoted' && char === '\n') {
      throw unexpected(cursor, 'the closing quote', 'Texts of several lines are heredocs: <<EOF.');
    } else if (mode.kind === 'quoted' && char === '\\') {
      read += readEscape(cursor);
    } else {
      const next = char === '\n' ? cursor.position + 1 : findNext(text, cursor.position + 1, end);
      read += text.slice(cursor.position, next);
      cursor.position = next;
    }
  }
}

const special = /[$%"\\\n]/g;

function findNext(text: string, from: number, end: number): number {
  special.lastIndex = from;
  const found = special.exec(text);
  return found === null ? end : Math.min(found.index, end);
}

/** At the start of a line, goes behind the blanks that all lines begin with. */
function skipIndent(cursor: Cursor, indent: number): void {
  if (indent === 0 || cursor.text[cursor.position - 1] !== '\n') return;
  let left = indent;
  while (left > 0 && cursor.position < cursor.end && /[ \t]/.test(cursor.text[cursor.position] ?? '')) {
    cursor.position++;
    left--;
  }
}

function leastIndent(text: string): number {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  return (
    lines.reduce(
      (least, line) => Math.min(least, /^[ \t]*/.exec(line)?.[0].length ?? 0),
      Number.MAX_SAFE_INTEGER,
    ) % Number.MAX_SAFE_INTEGER
  );
}

function findClosingLine(cursor: Cursor, name: string): { start: number; end: number } | undefined {
  const { text, end } = cursor;
  for (let start = cursor.position; start < end; ) {
    const feed = text.indexOf('\n', start);
    const lineEnd = feed === -1 || feed > end ? end : feed;
    if (text.slice(start, lineEnd).trim() === name) return { start, end: lineEnd };
    start = lineEnd + 1;
  }
  return undefined;
}

/** Trims to the end of the line, and from its start: what `~` means in texts of several lines. */
function trim(text: string, first: boolean, last: boolean): string {
  let kept = text;
  if (first) {
    const feed = kept.indexOf('\n') + 1 || kept.length;
    kept = kept.slice(0, feed).trimStart() + kept.slice(feed);
  }
  if (!last) return kept;
  const start = kept.lastIndexOf('\n') + 1;
  return kept.slice(0, start) + kept.slice(start).trimEnd();
}
