import { readDollar } from './read-dollar.ts';
import { addSplit, addWhole, createWordCollector, endWord } from './word-collector.ts';
import { atEnd, checkLength, enter, expansionFault, peek, take, type WordState } from './word-state.ts';

/**
 * Reads and expands up to the character `stop`, which is consumed, or to the end where `stop` is `''`. The language is that of
 * BuildKit's `shell.Lex`: POSIX shell words without command substitution and arithmetic.
 */
export function readWord(
  state: WordState,
  stop: string,
  rawEscapes: boolean,
): { result: string; words: string[] } {
  const outer = state.rawEscapes;
  state.rawEscapes = rawEscapes;
  enter(state);
  const collector = createWordCollector();
  let stopped = stop === '';
  while (!atEnd(state)) {
    const character = peek(state);
    if (character === stop) {
      take(state);
      stopped = true;
      break;
    }
    if (character === '$') addSplit(collector, readDollar(state));
    else if (character === '<') addWhole(collector, readAngle(state));
    else if (character === "'" && !state.plainQuotes) addWhole(collector, readSingleQuoted(state));
    else if (character === '"' && !state.plainQuotes) addWhole(collector, readDoubleQuoted(state));
    else if (character === state.escape) {
      take(state);
      if (state.rawEscapes) addWhole(collector, character);
      if (!atEnd(state)) addWhole(collector, take(state));
    } else addSplit(collector, takePlain(state));
  }
  if (!stopped) throw expansionFault(`the text ends where ${stop} should follow`);
  endWord(collector);
  state.rawEscapes = outer;
  state.depth--;
  return { result: collector.pieces.join(''), words: collector.words };
}

/** A run of characters that are special nowhere, or one that is special elsewhere. */
function takePlain(state: WordState): string {
  const plain = /[^$<'"\\`}/]+/y;
  plain.lastIndex = state.position;
  const run = plain.exec(state.text)?.[0] ?? take(state);
  state.position = Math.max(state.position, plain.lastIndex);
  return run;
}

/** Nothing is special up to the next `'`. */
function readSingleQuoted(state: WordState): string {
  const start = state.position;
  const end = state.text.indexOf("'", start + 1);
  if (end === -1) throw expansionFault("a single quote (') is not closed");
  state.position = end + 1;
  return state.rawQuotes ? state.text.slice(start, end + 1) : state.text.slice(start + 1, end);
}

/** Variables are expanded; the escape character escapes `"`, `$` and itself only. */
function readDoubleQuoted(state: WordState): string {
  take(state);
  const quote = state.rawQuotes ? '"' : '';
  let result = quote;
  while (!atEnd(state)) {
    const character = peek(state);
    if (character === '$') {
      result += readDollar(state);
      checkLength(result.length);
      continue;
    }
    take(state);
    if (character === '"') return result + quote;
    if (character !== state.escape) {
      result += character;
      continue;
    }
    if (state.rawEscapes) result += character;
    const next = peek(state);
    result += next === '"' || next === '$' || next === state.escape ? take(state) : character;
  }
  throw expansionFault('a double quote (") is not closed');
}

/** `<<` keeps the blanks behind it in its word, so that `<< EOF` is one word as in a shell. */
function readAngle(state: WordState): string {
  take(state);
  if (peek(state) !== '<') return '<';
  take(state);
  const start = state.position;
  while (' \t\r'.includes(peek(state)) && !atEnd(state)) state.position++;
  return `<<${state.text.slice(start, state.position)}`;
}
