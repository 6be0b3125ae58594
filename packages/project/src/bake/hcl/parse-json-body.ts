import { longestFile, type TextFile } from '../../text-file.ts';
import { accept, type Cursor, createCursor, nested, parseFault, placeFrom, unexpected } from './cursor.ts';
import { asText } from './hcl-value.ts';
import { parseTemplateText } from './parse-template.ts';
import type { Attribute, Block, Body, Expression } from './syntax.ts';

/** Blocks of a bake file, and how many labels each has. */
const blockTypes: ReadonlySet<string> = new Set(['target', 'group', 'variable', 'function']);

/**
 * Parses a bake file in JSON: objects under `target`, `group`, `variable` and `function` are blocks, texts are templates.
 * @throws PROJECT_PARSE
 */
export function parseJsonBody(file: TextFile): Body {
  if (file.text.length > longestFile) {
    throw parseFault({ file: { ...file, text: '' }, start: 0, end: 0 }, `${file.name} is too long`);
  }
  const cursor = createCursor(file);
  const top = parseValue(cursor);
  skipSpace(cursor);
  if (cursor.position < cursor.end) throw unexpected(cursor, 'the end of the file');
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const { name, value, at } of membersOf(top)) {
    if (blockTypes.has(name)) {
      for (const block of membersOf(value)) blocks.push(...toBlocks(name, block));
    } else {
      attributes.push({ name, value, at });
    }
  }
  return { attributes, blocks };
}

/** Several blocks of one name are a list. */
function toBlocks(type: string, { name, value, at }: Attribute): Block[] {
  const bodies = value.kind === 'list' ? value.items : [value];
  return bodies.map((body) => ({ type, labels: [name], body: toBody(type, body), at }));
}

function toBody(type: string, value: Expression): Body {
  const members = membersOf(value);
  const isBlock = ({ name }: Attribute): boolean => type === 'variable' && name === 'validation';
  return {
    attributes: members.filter((member) => !isBlock(member)),
    blocks: members.filter(isBlock).flatMap((member) => {
      const bodies = member.value.kind === 'list' ? member.value.items : [member.value];
      return bodies.map((body) => ({ type: member.name, labels: [], body: toBody('', body), at: member.at }));
    }),
  };
}

function membersOf(value: Expression): Attribute[] {
  if (value.kind !== 'object') throw parseFault(value.at, 'an object is expected');
  return value.entries.map(({ key, value: item }) => ({
    name: key.kind === 'literal' ? (asText(key.value) ?? '') : '',
    value: item,
    at: key.at,
  }));
}

function parseValue(cursor: Cursor): Expression {
  skipSpace(cursor);
  const start = cursor.position;
  const char = cursor.text[start];
  if (char === '{') return nested(cursor, true, () => parseObject(cursor));
  if (char === '[') return nested(cursor, true, () => parseList(cursor));
  if (char === '"') {
    const text = readString(cursor);
    return parseTemplateText(text, placeFrom(cursor, start));
  }
  for (const [word, value] of [
    ['true', true],
    ['false', false],
    ['null', null],
  ] as const) {
    if (accept(cursor, word)) return { kind: 'literal', value, at: placeFrom(cursor, start) };
  }
  const form = /-?\d+(\.\d+)?([eE][+-]?\d+)?/y;
  form.lastIndex = start;
  const [found] = form.exec(cursor.text) ?? [];
  if (found === undefined || !Number.isFinite(Number(found))) throw unexpected(cursor, 'a value');
  cursor.position += found.length;
  return { kind: 'literal', value: Number(found), at: placeFrom(cursor, start) };
}

function parseObject(cursor: Cursor): Expression {
  const start = cursor.position++;
  const entries: { key: Expression; value: Expression }[] = [];
  skipSpace(cursor);
  if (!accept(cursor, '}')) {
    do {
      skipSpace(cursor);
      const from = cursor.position;
      if (cursor.text[from] !== '"') throw unexpected(cursor, 'a key in quotes');
      const key = parseTemplateText(readString(cursor), placeFrom(cursor, from));
      skipSpace(cursor);
      if (!accept(cursor, ':')) throw unexpected(cursor, ':');
      entries.push({ key, value: parseValue(cursor) });
      skipSpace(cursor);
    } while (accept(cursor, ','));
    if (!accept(cursor, '}')) throw unexpected(cursor, ', or }');
  }
  return { kind: 'object', entries, at: placeFrom(cursor, start) };
}

function parseList(cursor: Cursor): Expression {
  const start = cursor.position++;
  const items: Expression[] = [];
  skipSpace(cursor);
  if (!accept(cursor, ']')) {
    do {
      items.push(parseValue(cursor));
      skipSpace(cursor);
    } while (accept(cursor, ','));
    if (!accept(cursor, ']')) throw unexpected(cursor, ', or ]');
  }
  return { kind: 'list', items, at: placeFrom(cursor, start) };
}

function readString(cursor: Cursor): string {
  const start = cursor.position++;
  for (; cursor.position < cursor.end; cursor.position++) {
    const char = cursor.text[cursor.position];
    if (char === '\\') cursor.position++;
    else if (char === '"' || char === '\n') break;
  }
  if (!accept(cursor, '"')) throw parseFault(placeFrom(cursor, start), 'the closing quote is missing');
  try {
    return String(JSON.parse(cursor.text.slice(start, cursor.position)));
  } catch {
    throw parseFault(
      placeFrom(cursor, start),
      'the text is not valid JSON',
      'Control characters and \\ are written as escapes.',
    );
  }
}

function skipSpace(cursor: Cursor): void {
  while (cursor.position < cursor.end && /[ \t\r\n]/.test(cursor.text[cursor.position] ?? ''))
    cursor.position++;
}
