import { fault, type SourceLocation } from '@onebuild/core';
import { compileTokens } from './wildcard-machine.ts';
import { parsePattern } from './wildcard-pattern.ts';

export interface GlobOptions {
  /** Where the pattern stands, for the error. */
  readonly location?: SourceLocation;
}

/**
 * Whether the whole of `name` matches, by the rules of Go's `path.Match`: `*` and `?` stop at `/`, `[a-z]` and `[^a]` are sets, `\` escapes.
 * @throws DOCKERFILE_INSTRUCTION for a malformed pattern
 */
export function matchGlob(pattern: string, name: string, options: GlobOptions = {}): boolean {
  return compileGlob(pattern, options)(name);
}

/**
 * {@link matchGlob} for one pattern and many names.
 * @throws DOCKERFILE_INSTRUCTION for a malformed pattern
 */
export function compileGlob(pattern: string, options: GlobOptions = {}): (name: string) => boolean {
  const tokens = parsePattern(pattern, { deep: false });
  if (tokens !== undefined) return compileTokens(tokens);
  throw fault('DOCKERFILE_INSTRUCTION', `the pattern ${JSON.stringify(pattern)} is malformed`, {
    hint: 'Close every [, and put a character behind every \\.',
    ...options,
  });
}
