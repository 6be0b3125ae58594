import { expansionFault } from './word-state.ts';

/** Longer patterns are refused: with the text's length they bound the work of a match. */
const longestPattern = 1024;

/** `*` of a pattern. */
const star = Symbol('*');
/** `?` of a pattern. */
const any = Symbol('?');
type Token = string | typeof star | typeof any;

/** A shell pattern: the parts between its `*`s. `a*b?` has two parts. */
export type GlobPattern = readonly (readonly (string | typeof any)[])[];

/**
 * Reads a pattern with `*`, `?` and `\` before one of `* ? \ } /`. There are no bracket expressions, as in BuildKit.
 * @throws DOCKERFILE_EXPANSION
 */
export function parseGlob(pattern: string): GlobPattern {
  if (pattern.length > longestPattern)
    throw expansionFault(`a pattern is longer than ${longestPattern} characters`);
  const parts: (string | typeof any)[][] = [[]];
  for (const token of readTokens(pattern)) {
    if (token === star) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts;
}

function* readTokens(pattern: string): Generator<Token> {
  const characters = Array.from(pattern);
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? '';
    if (character === '*') yield star;
    else if (character === '?') yield any;
    else if (character !== '\\') yield character;
    else {
      const escaped = characters[++i] ?? '';
      if (escaped === '' || !'*?\\}/'.includes(escaped)) {
        throw expansionFault(`'\\${escaped}' is no valid escape in the pattern '${pattern}'`);
      }
      yield escaped;
    }
  }
}

export function reverseGlob(pattern: GlobPattern): GlobPattern {
  return pattern.map((part) => part.toReversed()).toReversed();
}

/**
 * The end of the match that begins at `start`; undefined without one. Each part is looked for once, from left to right, so the work is
 * at most text times pattern.
 */
export function matchAt(
  pattern: GlobPattern,
  text: readonly string[],
  start: number,
  greedy: boolean,
): number | undefined {
  const [first = [], ...rest] = pattern;
  if (!partMatches(first, text, start)) return undefined;
  let position = start + first.length;
  for (const [i, part] of rest.entries()) {
    const found =
      greedy && i === rest.length - 1 ? findLast(part, text, position) : findFirst(part, text, position);
    if (found === undefined) return undefined;
    position = found + part.length;
  }
  return position;
}

/** The leftmost, longest match at or after `from`. A later start never succeeds where an earlier one found its first part but not the rest. */
export function search(
  pattern: GlobPattern,
  text: readonly string[],
  from: number,
): readonly [start: number, end: number] | undefined {
  const start = findFirst(pattern[0] ?? [], text, from);
  if (start === undefined) return undefined;
  const end = matchAt(pattern, text, start, true);
  return end === undefined ? undefined : [start, end];
}

function partMatches(part: GlobPattern[number], text: readonly string[], at: number): boolean {
  if (at + part.length > text.length) return false;
  for (let i = 0; i < part.length; i++) {
    if (part[i] !== any && part[i] !== text[at + i]) return false;
  }
  return true;
}

function findFirst(part: GlobPattern[number], text: readonly string[], from: number): number | undefined {
  for (let at = from; at + part.length <= text.length; at++) if (partMatches(part, text, at)) return at;
  return undefined;
}

function findLast(part: GlobPattern[number], text: readonly string[], from: number): number | undefined {
  for (let at = text.length - part.length; at >= from; at--) if (partMatches(part, text, at)) return at;
  return undefined;
}
