import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import { isAsciiSpace, splitAtGap, trim } from '../lexer/white-space.ts';

/** Splits an instruction into keyword, flags and the text of its arguments. */
export function splitCommand(
  line: string,
  escape: EscapeCharacter,
): { readonly keyword: string; readonly flags: readonly string[]; readonly rest: string } {
  const trimmed = trim(line);
  const parts = splitAtGap(trimmed);
  if (parts === undefined) return { keyword: trimmed, flags: [], rest: '' };
  const [keyword, afterKeyword] = parts;
  const { flags, rest } = splitFlags(afterKeyword, escape);
  return { keyword, flags, rest: trim(rest) };
}

/** Takes words that begin with `--` off the front; a lone `--` ends them. Quotes and escapes are removed. */
function splitFlags(text: string, escape: EscapeCharacter): { flags: string[]; rest: string } {
  const flags: string[] = [];
  let position = 0;
  for (;;) {
    while (position < text.length && isAsciiSpace(text.charAt(position))) position++;
    if (!text.startsWith('--', position)) return { flags, rest: text.slice(position) };
    const word = readFlag(text, position, escape);
    position = word.end;
    if (word.value === '--') return { flags, rest: text.slice(position) };
    flags.push(word.value);
  }
}

function readFlag(text: string, start: number, escape: EscapeCharacter): { value: string; end: number } {
  let value = '';
  let quote = '';
  let position = start;
  for (; position < text.length; position++) {
    const character = text.charAt(position);
    if (quote === '' && isAsciiSpace(character)) break;
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character !== escape) value += character;
    else if (position + 1 < text.length) value += text.charAt(++position);
  }
  return { value, end: position };
}
