import { type Cursor, parseFault, placeFrom } from './cursor.ts';

const simple: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' };

/** What an escape in a quoted text stands for; the cursor goes from before the backslash to behind it. */
export function readEscape(cursor: Cursor): string {
  const { text, position, end } = cursor;
  const letter = position + 1 < end ? (text[position + 1] ?? '') : '';
  const plain = Object.hasOwn(simple, letter) ? simple[letter] : undefined;
  if (plain !== undefined) {
    cursor.position += 2;
    return plain;
  }
  const length = letter === 'u' ? 4 : letter === 'U' ? 8 : 0;
  const digits = text.slice(position + 2, Math.min(position + 2 + length, end));
  const code =
    length > 0 && digits.length === length && /^[\da-fA-F]+$/.test(digits) ? Number.parseInt(digits, 16) : -1;
  if (code < 0 || code > 0x10ffff) {
    throw parseFault(
      placeFrom(cursor, position, position + 2),
      'the escape is not known',
      'Escapes are \\n, \\r, \\t, \\", \\\\, \\uXXXX and \\UXXXXXXXX.',
    );
  }
  cursor.position += 2 + length;
  return String.fromCodePoint(code);
}
