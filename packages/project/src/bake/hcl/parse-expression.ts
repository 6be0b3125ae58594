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
import { parseBraces, parseBrackets } from './parse-collection.ts';
import { parseHeredoc, parseQuoted } from './parse-template.ts';
import type { Expression } from './syntax.ts';

/** Operators from those that bind least; longer ones before those that they begin with. */
const levels = [['||'], ['&&'], ['==', '!='], ['<=', '>=', '<', '>'], ['+', '-'], ['*', '/', '%']] as const;

/** Reads an expression of HCL's native syntax. */
export function parseExpression(cursor: Cursor): Expression {
  return nested(cursor, cursor.spansLines, () => {
    skipBlanks(cursor);
    const start = cursor.position;
    const test = parseOperators(cursor, 0);
    skipBlanks(cursor);
    if (!accept(cursor, '?')) return test;
    const yes = parseExpression(cursor);
    expect(cursor, ':', 'A condition is written: test ? yes : no.');
    const no = parseExpression(cursor);
    return { kind: 'condition', test, yes, no, at: placeFrom(cursor, start) };
  });
}

function parseOperators(cursor: Cursor, level: number): Expression {
  const operators = levels[level];
  if (operators === undefined) return parseUnary(cursor);
  skipBlanks(cursor);
  const start = cursor.position;
  let left = parseOperators(cursor, level + 1);
  for (let length = 0; ; length++) {
    skipBlanks(cursor);
    const operator = operators.find((one) => accept(cursor, one));
    if (operator === undefined) return left;
    // chains are trees that lean to the left: their length is depth for whoever walks them
    if (length > 500) throw unexpected(cursor, 'a shorter chain of operators');
    const right = parseOperators(cursor, level + 1);
    left = { kind: 'binary', operator, left, right, at: placeFrom(cursor, start) };
  }
}

function parseUnary(cursor: Cursor): Expression {
  skipBlanks(cursor);
  const start = cursor.position;
  const operator = (['-', '!'] as const).find((one) => accept(cursor, one));
  if (operator === undefined) return parseSteps(cursor, parsePrimary(cursor));
  const operand = nested(cursor, cursor.spansLines, () => parseUnary(cursor));
  return { kind: 'unary', operator, operand, at: placeFrom(cursor, start) };
}

/** What stands behind a value: `.name`, `[index]`, `.*`, `[*]`. */
function parseSteps(cursor: Cursor, from: Expression, isInSplat = false): Expression {
  let value = from;
  for (let length = 0; ; length++) {
    if (length > 500) throw unexpected(cursor, 'a shorter path');
    const start = cursor.position;
    const before = value;
    const at = () => ({ ...before.at, end: placeFrom(cursor, start).end });
    if (isInSplat && (looksAt(cursor, '.*') || looksAt(cursor, '[*]'))) return value;
    if (accept(cursor, '.*') || accept(cursor, '[*]')) {
      const each = parseSteps(cursor, { kind: 'splat-item', at: at() }, true);
      value = { kind: 'splat', of: before, each, at: at() };
    } else if (looksAt(cursor, '.') && !looksAt(cursor, '...')) {
      cursor.position++;
      const name = readIdentifier(cursor) ?? readDigits(cursor);
      if (name === undefined) throw unexpected(cursor, 'the name of an attribute');
      value = { kind: 'index', of: before, index: literal(cursor, start + 1, name), at: at() };
    } else if (accept(cursor, '[')) {
      const index = nested(cursor, true, () => {
        const inner = parseExpression(cursor);
        expect(cursor, ']');
        return inner;
      });
      value = { kind: 'index', of: before, index, at: at() };
    } else {
      return value;
    }
  }
}

function parsePrimary(cursor: Cursor): Expression {
  const start = cursor.position;
  const char = start < cursor.end ? cursor.text[start] : undefined;
  if (char === '"') return parseQuoted(cursor);
  if (looksAt(cursor, '<<')) return parseHeredoc(cursor);
  if (char === '[') return nested(cursor, true, () => parseBrackets(cursor));
  if (char === '{') return nested(cursor, true, () => parseBraces(cursor));
  if (accept(cursor, '(')) {
    return nested(cursor, true, () => {
      const inner = parseExpression(cursor);
      expect(cursor, ')');
      return inner;
    });
  }
  if (char !== undefined && /\d/.test(char)) return parseNumber(cursor);
  const name = readIdentifier(cursor);
  if (name === undefined) throw unexpected(cursor, 'a value');
  if (looksAt(cursor, '(')) return parseCall(cursor, name, start);
  const constants: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };
  const constant = Object.hasOwn(constants, name) ? constants[name] : undefined;
  const at = placeFrom(cursor, start);
  return constant === undefined ? { kind: 'variable', name, at } : { kind: 'literal', value: constant, at };
}

function parseNumber(cursor: Cursor): Expression {
  const start = cursor.position;
  const form = /\d+(\.\d+)?([eE][+-]?\d+)?/y;
  form.lastIndex = start;
  const [found = ''] = form.exec(cursor.text) ?? [];
  cursor.position += found.length;
  const value = Number(found);
  if (!Number.isFinite(value)) throw parseFault(placeFrom(cursor, start), 'the number is too large');
  return { kind: 'literal', value, at: placeFrom(cursor, start) };
}

function parseCall(cursor: Cursor, name: string, start: number): Expression {
  cursor.position++;
  return nested(cursor, true, () => {
    const args: Expression[] = [];
    let spread = false;
    skipBlanks(cursor);
    while (!accept(cursor, ')')) {
      args.push(parseExpression(cursor));
      skipBlanks(cursor);
      spread = accept(cursor, '...');
      skipBlanks(cursor);
      const more = accept(cursor, ',');
      skipBlanks(cursor);
      if ((!more || spread) && !looksAt(cursor, ')')) throw unexpected(cursor, spread ? ')' : ', or )');
    }
    return { kind: 'call', name, args, spread, at: placeFrom(cursor, start) };
  });
}

function readDigits(cursor: Cursor): string | undefined {
  const start = cursor.position;
  while (cursor.position < cursor.end && /\d/.test(cursor.text[cursor.position] ?? '')) cursor.position++;
  return cursor.position === start ? undefined : cursor.text.slice(start, cursor.position);
}

function literal(cursor: Cursor, start: number, value: string): Expression {
  return { kind: 'literal', value, at: placeFrom(cursor, start) };
}
