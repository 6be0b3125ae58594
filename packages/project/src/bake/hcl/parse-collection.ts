import {
  accept,
  type Cursor,
  expect,
  looksAt,
  nested,
  placeFrom,
  readIdentifier,
  skipBlanks,
  unexpected,
} from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import type { Expression, Loop, ObjectEntry } from './syntax.ts';

/** `[a, b]` or `[for x in y: z if w]`; the cursor stands before the bracket. */
export function parseBrackets(cursor: Cursor): Expression {
  const start = cursor.position++;
  if (acceptWord(cursor, 'for')) {
    const loop = parseLoop(cursor);
    expect(cursor, ':');
    const value = parseExpression(cursor);
    const test = acceptWord(cursor, 'if') ? parseExpression(cursor) : undefined;
    expect(cursor, ']');
    return {
      kind: 'for',
      ...loop,
      value,
      ...(test && { test }),
      grouped: false,
      at: placeFrom(cursor, start),
    };
  }
  const items: Expression[] = [];
  skipBlanks(cursor);
  while (!accept(cursor, ']')) {
    items.push(parseExpression(cursor));
    skipBlanks(cursor);
    const more = accept(cursor, ',');
    skipBlanks(cursor);
    if (!more && !looksAt(cursor, ']')) throw unexpected(cursor, ', or ]', 'Put a comma between two items.');
  }
  return { kind: 'list', items, at: placeFrom(cursor, start) };
}

/** `{a = b}` or `{for k, v in y: k => v if w}`; the cursor stands before the brace. */
export function parseBraces(cursor: Cursor): Expression {
  const start = cursor.position++;
  if (acceptWord(cursor, 'for')) {
    const loop = parseLoop(cursor);
    expect(cursor, ':');
    const key = parseExpression(cursor);
    expect(cursor, '=>');
    const value = parseExpression(cursor);
    skipBlanks(cursor);
    const grouped = accept(cursor, '...');
    const test = acceptWord(cursor, 'if') ? parseExpression(cursor) : undefined;
    expect(cursor, '}');
    return { kind: 'for', ...loop, key, value, ...(test && { test }), grouped, at: placeFrom(cursor, start) };
  }
  const entries: ObjectEntry[] = [];
  skipBlanks(cursor);
  while (!accept(cursor, '}')) {
    entries.push(parseEntry(cursor));
    skipSeparators(cursor);
  }
  return { kind: 'object', entries, at: placeFrom(cursor, start) };
}

function parseEntry(cursor: Cursor): ObjectEntry {
  const start = cursor.position;
  const name = readIdentifier(cursor);
  skipBlanks(cursor);
  const isPlain =
    name !== undefined && (looksAt(cursor, '=') || looksAt(cursor, ':')) && !looksAt(cursor, '==');
  if (!isPlain) cursor.position = start;
  const key: Expression = isPlain
    ? { kind: 'literal', value: name, at: placeFrom(cursor, start) }
    : parseExpression(cursor);
  skipBlanks(cursor);
  if (!accept(cursor, '=') && !accept(cursor, ':')) throw unexpected(cursor, '= or :');
  // an entry ends with its line
  const value = nested(cursor, false, () => {
    skipLine(cursor);
    return parseExpression(cursor);
  });
  return { key, value };
}

/** The value may begin on the next line. */
function skipLine(cursor: Cursor): void {
  cursor.spansLines = true;
  skipBlanks(cursor);
  cursor.spansLines = false;
}

/** Between two entries there is a comma or the end of a line. */
function skipSeparators(cursor: Cursor): void {
  cursor.spansLines = false;
  skipBlanks(cursor);
  cursor.spansLines = true;
  const separates = accept(cursor, ',') || looksAt(cursor, '\n') || looksAt(cursor, '}');
  if (!separates) throw unexpected(cursor, ', or the end of the line', 'Put a comma between two entries.');
  skipBlanks(cursor);
}

/** `k, v in over` */
export function parseLoop(cursor: Cursor): Loop {
  const first = readName(cursor);
  skipBlanks(cursor);
  const second = accept(cursor, ',') ? readName(cursor) : undefined;
  if (!acceptWord(cursor, 'in')) throw unexpected(cursor, 'in');
  const over = parseExpression(cursor);
  return second === undefined ? { valueName: first, over } : { keyName: first, valueName: second, over };
}

function readName(cursor: Cursor): string {
  skipBlanks(cursor);
  const name = readIdentifier(cursor);
  if (name === undefined) throw unexpected(cursor, 'a name');
  return name;
}

/** Whether the identifier stood next; then it is behind. */
export function acceptWord(cursor: Cursor, word: string): boolean {
  skipBlanks(cursor);
  const start = cursor.position;
  if (readIdentifier(cursor) === word) return true;
  cursor.position = start;
  return false;
}
