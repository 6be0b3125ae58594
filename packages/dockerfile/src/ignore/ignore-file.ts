import { cleanPath } from '../clean-path.ts';
import { drawSnippet } from '../snippet.ts';
import { createPatternMatcher, type IgnoreMatcher } from './pattern-matcher.ts';

/**
 * Reads a `.dockerignore`: a pattern a line, `#` at the very start of a line makes it a comment, `!` an exception. White space around
 * patterns, a leading slash and a byte order mark do not count.
 * @throws IGNORE_PATTERN with the line of a malformed pattern
 */
export function parseIgnoreFile(text: string, options: { readonly name: string }): IgnoreMatcher {
  const lines: number[] = [];
  const patterns: string[] = [];
  for (const [index, line] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    const pattern = line.startsWith('#') ? '' : line.trim();
    if (pattern === '') continue;
    patterns.push(
      pattern.startsWith('!') ? `!${cleanPattern(pattern.slice(1).trim())}` : cleanPattern(pattern),
    );
    lines.push(index + 1);
  }
  return createPatternMatcher(patterns, {
    code: 'IGNORE_PATTERN',
    location: (index) => {
      const line = lines[index] ?? 1;
      return { file: options.name, line, snippet: drawSnippet(text, { line }) };
    },
  });
}

function cleanPattern(pattern: string): string {
  if (pattern === '') return '';
  const clean = cleanPath(pattern);
  return clean.length > 1 && clean.startsWith('/') ? clean.slice(1) : clean;
}
