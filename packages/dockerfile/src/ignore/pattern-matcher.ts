import { type ErrorCode, fault, type SourceLocation } from '@onebuild/core';
import { cleanPath } from '../clean-path.ts';
import { compilePathPattern, type PathPattern } from './path-pattern.ts';

/** What an ignore file leaves out of a context. Paths are relative, with `/`, without a leading one; the root is `''` and never ignored. */
export interface IgnoreMatcher {
  /** As read: cleaned, without comments and blank lines; exceptions begin with `!`. */
  readonly patterns: readonly string[];
  readonly hasExceptions: boolean;
  /** Whether `path`, or a folder above it that no `!` pattern takes back, is ignored. Folders and files match alike. */
  ignores(path: string): boolean;
  /** False: nothing under the ignored folder `path` can come back by a `!` pattern, so a scanner may skip it whole. */
  mayContainException(path: string): boolean;
}

export interface PatternMatcherOptions {
  /** Of the error for a malformed pattern; default DOCKERFILE_INSTRUCTION. */
  readonly code?: ErrorCode;
  readonly location?: SourceLocation | ((index: number) => SourceLocation);
}

/** Folders whose results are kept. */
const mostFolders = 4096;

/**
 * Patterns of `.dockerignore` form: those of an ignore file, of `COPY --exclude` and `COPY --parents`. The rules are those of moby's
 * patternmatcher as a walk from the root uses it: the last pattern that matches decides, and a pattern that decided for a folder goes on
 * for what is in it.
 * @throws `options.code` for a malformed pattern
 */
export function createPatternMatcher(
  patterns: readonly string[],
  options: PatternMatcherOptions = {},
): IgnoreMatcher {
  const compiled = patterns.flatMap((text, index) => compile(text, index, options));
  const exceptions = compiled.filter(({ exception }) => exception);
  const folders = new Map<string, Uint8Array>();
  const resultsOf = (path: string): Uint8Array => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const results = new Uint8Array(compiled.length);
    decide(compiled, path, { above: resultsAbove(path), results });
    if (folders.size >= mostFolders) folders.clear();
    folders.set(path, results);
    return results;
  };
  const resultsAbove = (path: string): Uint8Array | undefined => {
    const slash = path.lastIndexOf('/');
    return slash === -1 ? undefined : resultsOf(path.slice(0, slash));
  };
  return {
    patterns: compiled.map(({ text, exception }) => (exception ? `!${text}` : text)),
    hasExceptions: exceptions.length > 0,
    ignores: (path) =>
      path !== '' && compiled.length > 0 && decide(compiled, path, { above: resultsAbove(path) }),
    mayContainException: (path) => exceptions.some(({ mayMatchUnder }) => mayMatchUnder(path)),
  };
}

/** Goes through the patterns in order; `results`, where wanted, says which of them matched here or above. */
function decide(
  patterns: readonly PathPattern[],
  path: string,
  options: { readonly above: Uint8Array | undefined; readonly results?: Uint8Array },
): boolean {
  const { above, results } = options;
  let ignored = false;
  for (const [i, { exception, matches }] of patterns.entries()) {
    const inherited = above !== undefined && above[i] === 1;
    if (!inherited && (exception !== ignored || !matches(path))) continue;
    if (results !== undefined) results[i] = 1;
    ignored = !exception;
  }
  return ignored;
}

function compile(written: string, index: number, options: PatternMatcherOptions): readonly PathPattern[] {
  const trimmed = written.trim();
  if (trimmed === '') return [];
  const pattern = compilePathPattern(cleanPath(trimmed));
  if (pattern !== undefined) return [pattern];
  const { code = 'DOCKERFILE_INSTRUCTION', location } = options;
  throw fault(code, `the pattern ${JSON.stringify(trimmed)} is malformed`, {
    hint: 'Close every [, put a character behind every \\, and a path behind !.',
    ...(location !== undefined && { location: typeof location === 'function' ? location(index) : location }),
  });
}
