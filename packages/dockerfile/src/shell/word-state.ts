import { fault, type OneBuildError } from '@onebuild/core';
import type { EscapeCharacter } from '../lexer/directive-reader.ts';

/** Longest text that one expansion may give, in UTF-16 units: variables that double themselves end here. */
export const longestResult = 16 * 1024 * 1024;
/** `${a:-${b:-...}}` */
export const deepestNesting = 100;

/** What names mean. */
export type Variables = Pick<ReadonlyMap<string, string>, 'get'>;

/** How far the reading of one word has come. */
export interface WordState {
  readonly text: string;
  readonly env: Variables;
  readonly escape: EscapeCharacter;
  /** Quotes stay in the result. */
  readonly rawQuotes: boolean;
  /** Quotes are letters like any other. */
  readonly plainQuotes: boolean;
  /** References to variables that are not set stay as they are written. */
  readonly keepUnset: boolean;
  /** Names between braces may have dots. */
  readonly dottedNames: boolean;
  /** Makes the fault for a name without value; undefined: there is none. */
  onUnset: ((name: string) => Error) | undefined;
  readonly unmatched: Set<string>;
  position: number;
  /** Escape characters stay in the result: patterns need them. */
  rawEscapes: boolean;
  depth: number;
}

/** The next character (a whole code point), `''` at the end. */
export function peek(state: WordState): string {
  const code = state.text.codePointAt(state.position);
  return code === undefined ? '' : String.fromCodePoint(code);
}

export function take(state: WordState): string {
  const character = peek(state);
  state.position += character.length;
  return character;
}

export function atEnd(state: WordState): boolean {
  return state.position >= state.text.length;
}

export function lookUp(state: WordState, name: string): string | undefined {
  const value = state.env.get(name);
  if (value === undefined) state.unmatched.add(name);
  return value;
}

/** Like {@link lookUp}, for references that have no word for a name without value. */
export function lookUpStrictly(state: WordState, name: string): string | undefined {
  const value = lookUp(state, name);
  if (value === undefined && state.onUnset !== undefined) throw state.onUnset(name);
  return value;
}

export function enter(state: WordState): void {
  state.depth++;
  if (state.depth > deepestNesting)
    throw expansionFault(`more than ${deepestNesting} substitutions inside each other`);
}

export function checkLength(length: number): void {
  if (length > longestResult) throw expansionFault('the expansion gives a text that is too long');
}

export function expansionFault(
  message: string,
  hint = 'Check quotes, braces and escapes; a plain dollar sign is written \\$.',
): OneBuildError {
  return fault('DOCKERFILE_EXPANSION', message, { hint });
}
