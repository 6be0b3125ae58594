import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import { expandWord, expandWords } from '../shell/expand-word.ts';
import type { Variables } from '../shell/word-state.ts';

/** Expands the fields of one instruction and remembers which names were not set. */
export interface Expander {
  readonly word: (text: string) => string;
  readonly words: (text: string) => readonly string[];
  /** A heredoc's body: quotes are letters, the escape character is always `\`. */
  readonly body: (text: string) => string;
  readonly unmatched: Set<string>;
}

export function createExpander(env: Variables, escape: EscapeCharacter): Expander {
  const unmatched = new Set<string>();
  const note = <T extends { readonly unmatched: readonly string[] }>(expanded: T): T => {
    for (const name of expanded.unmatched) unmatched.add(name);
    return expanded;
  };
  return {
    word: (text) => (isPlain(text) ? text : note(expandWord(text, env, { escape })).result),
    words: (text) => note(expandWords(text, env, { escape })).words,
    body: (text) => note(expandWord(text, env, { plainQuotes: true })).result,
    unmatched,
  };
}

function isPlain(text: string): boolean {
  return !/[$'"\\`]/.test(text);
}
