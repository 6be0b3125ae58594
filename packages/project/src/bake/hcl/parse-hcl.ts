import { longestFile, type TextFile } from '../../text-file.ts';
import {
  accept,
  type Cursor,
  createCursor,
  looksAt,
  nested,
  parseFault,
  placeFrom,
  readIdentifier,
  skipBlanks,
  unexpected,
} from './cursor.ts';
import { parseExpression } from './parse-expression.ts';
import { readEscape } from './read-escape.ts';
import type { Attribute, Block, Body } from './syntax.ts';

/**
 * Parses a file of HCL's native syntax, version 2.
 * @throws PROJECT_PARSE
 */
export function parseHcl(file: TextFile): Body {
  if (file.text.length > longestFile) {
    throw parseFault(
      { file: { ...file, text: '' }, start: 0, end: 0 },
      `${file.name} is longer than ${longestFile / 2 ** 20} Mi characters`,
    );
  }
  const cursor = createCursor(file);
  accept(cursor, '\uFEFF');
  return parseBody(cursor, false);
}

function parseBody(cursor: Cursor, isBlock: boolean): Body {
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  const names = new Set<string>();
  for (;;) {
    skipLines(cursor);
    if (cursor.position >= cursor.end) {
      if (isBlock) throw unexpected(cursor, '} at the end of the block');
      return { attributes, blocks };
    }
    if (isBlock && accept(cursor, '}')) return { attributes, blocks };
    const start = cursor.position;
    const name = readIdentifier(cursor);
    if (name === undefined) throw unexpected(cursor, 'the name of an attribute or block');
    skipBlanks(cursor);
    if (looksAt(cursor, '=')) attributes.push(parseAttribute(cursor, name, { start, names }));
    else blocks.push(parseBlock(cursor, name, start));
    endItem(cursor, isBlock);
  }
}

function parseAttribute(
  cursor: Cursor,
  name: string,
  { start, names }: { start: number; names: Set<string> },
): Attribute {
  const at = placeFrom(cursor, start, start + name.length);
  if (names.has(name)) throw parseFault(at, `${name} is written twice`, 'Leave one of the two out.');
  names.add(name);
  accept(cursor, '=');
  return { name, value: parseExpression(cursor), at };
}

function parseBlock(cursor: Cursor, type: string, start: number): Block {
  const labels: string[] = [];
  while (!looksAt(cursor, '{')) {
    const label = looksAt(cursor, '"') ? readLabel(cursor) : readIdentifier(cursor);
    if (label === undefined) throw unexpected(cursor, '=, { or a label');
    labels.push(label);
    skipBlanks(cursor);
  }
  const at = placeFrom(cursor, start);
  cursor.position++;
  const body = nested(cursor, false, () => parseBody(cursor, true));
  return { type, labels, body, at };
}

/** Labels are plain: nothing is put into them. */
function readLabel(cursor: Cursor): string {
  const start = cursor.position++;
  let label = '';
  while (cursor.position < cursor.end) {
    const char = cursor.text[cursor.position] ?? '';
    if (char === '"') {
      cursor.position++;
      return label;
    }
    if (char === '\n') break;
    if (looksAt(cursor, '${') || looksAt(cursor, '%{')) {
      throw parseFault(
        placeFrom(cursor, start, cursor.position + 2),
        'a label cannot have variables',
        'Give the target a matrix and a name: name = "app-${item}".',
      );
    }
    if (char === '\\') label += readEscape(cursor);
    else {
      label += char;
      cursor.position++;
    }
  }
  throw parseFault(placeFrom(cursor, start), 'the closing quote is missing');
}

function skipLines(cursor: Cursor): void {
  cursor.spansLines = true;
  skipBlanks(cursor);
  cursor.spansLines = false;
}

/** Behind an attribute or block is the end of the line, of the file, or that of a block of one line. */
function endItem(cursor: Cursor, isBlock: boolean): void {
  skipBlanks(cursor);
  const isEnd = cursor.position >= cursor.end || looksAt(cursor, '\n') || (isBlock && looksAt(cursor, '}'));
  if (!isEnd) throw unexpected(cursor, 'the end of the line');
}
