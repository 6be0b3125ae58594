import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import { isSpace } from '../lexer/white-space.ts';

/** Words of ENV, LABEL and ARG: white space in quotes or behind the escape character does not split. Quotes and escapes stay. */
export function splitWords(text: string, escape: EscapeCharacter): readonly string[] {
  const words: string[] = [];
  let word = '';
  let quote = '';
  for (let position = 0; position < text.length; position++) {
    const character = text.charAt(position);
    if (quote === '' && isSpace(character)) {
      if (word !== '') words.push(word);
      word = '';
      continue;
    }
    if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
    else if (character === escape && quote !== "'") {
      if (position + 1 === text.length) break;
      word += character + text.charAt(++position);
      continue;
    }
    word += character;
  }
  if (word !== '') words.push(word);
  return words;
}
