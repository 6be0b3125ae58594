import { isFault, withFact } from '@onebuild/core';
import type { EscapeCharacter } from '../lexer/directive-reader.ts';
import { readWord } from './read-word.ts';
import type { Variables, WordState } from './word-state.ts';

export interface ExpandWordOptions {
  /** Default `\`. */
  readonly escape?: EscapeCharacter;
  /** Quotes stay in the result. */
  readonly rawQuotes?: boolean;
  /** Escape characters stay in the result. */
  readonly rawEscapes?: boolean;
  /** Quotes are letters like any other: heredocs. */
  readonly plainQuotes?: boolean;
  /** References to variables that are not set stay as written, instead of becoming nothing. */
  readonly keepUnset?: boolean;
  /** Names between braces may have dots: `${git.sha}`. */
  readonly dottedNames?: boolean;
  /** Makes the fault for a name that has no value, where the reference doesn't say what is meant then (`:-`, `+`). Default: nothing is put in. */
  readonly onUnset?: (name: string) => Error;
}

export interface ExpandedWord {
  readonly result: string;
  /** Names that were used but are not set; each once, in order. */
  readonly unmatched: readonly string[];
}

export interface ExpandedWords {
  readonly words: readonly string[];
  /** Names that were used but are not set; each once, in order. */
  readonly unmatched: readonly string[];
}

/**
 * Expands variables and removes quotes and escapes, as BuildKit does with the fields of an instruction.
 * @throws DOCKERFILE_EXPANSION without location
 */
export function expandWord(word: string, env: Variables, options: ExpandWordOptions = {}): ExpandedWord {
  const { result, unmatched } = expand(word, env, options);
  return { result, unmatched };
}

/**
 * Like {@link expandWord}, then split at white space outside quotes.
 * @throws DOCKERFILE_EXPANSION without location
 */
export function expandWords(word: string, env: Variables, options: ExpandWordOptions = {}): ExpandedWords {
  const { words, unmatched } = expand(word, env, options);
  return { words, unmatched };
}

function expand(word: string, env: Variables, options: ExpandWordOptions): ExpandedWord & ExpandedWords {
  const state: WordState = {
    text: word,
    env,
    escape: options.escape ?? '\\',
    rawQuotes: options.rawQuotes ?? false,
    plainQuotes: options.plainQuotes ?? false,
    keepUnset: options.keepUnset ?? false,
    dottedNames: options.dottedNames ?? false,
    onUnset: options.onUnset,
    unmatched: new Set(),
    position: 0,
    rawEscapes: false,
    depth: 0,
  };
  try {
    return { ...readWord(state, '', options.rawEscapes ?? false), unmatched: [...state.unmatched] };
  } catch (error) {
    throw isFault(error) ? withFact(error, `cannot expand ${quoteShort(word)}`) : error;
  }
}

function quoteShort(word: string): string {
  return JSON.stringify(word.length > 80 ? `${word.slice(0, 77)}...` : word);
}
