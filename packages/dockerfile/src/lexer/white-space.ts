/**
 * White space as BuildKit's parser sees it: Unicode's `White_Space` property. JavaScript's `\s` differs by U+0085 and the
 * byte order mark.
 */
const spaces = '\\t\\n\\v\\f\\r \\u0085\\u00A0\\u1680\\u2000-\\u200A\\u2028\\u2029\\u202F\\u205F\\u3000';
const leading = new RegExp(`^[${spaces}]+`);
/** For `split`. */
export const spaceRuns = new RegExp(`[${spaces}]+`);
const single = new RegExp(`^[${spaces}]$`);

export function isSpace(character: string): boolean {
  return single.test(character);
}

/** White space between flags: BuildKit looks at bytes there. */
export function isAsciiSpace(character: string): boolean {
  return ' \t\n\v\f\r'.includes(character);
}

export function trimStart(text: string): string {
  return text.replace(leading, '');
}

/** Looks at the end character by character: a regular expression with `$` would be quadratic on inner white space. */
export function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && isSpace(text.charAt(end - 1))) end--;
  return text.slice(0, end);
}

export function trim(text: string): string {
  return trimEnd(trimStart(text));
}

/** What separates words inside a line. */
export const wordGap = /[\t\v\f\r ]+/;

/** `text` at its first run of white space: the word before, the rest behind; undefined where there is none. */
export function splitAtGap(text: string): readonly [word: string, rest: string] | undefined {
  const gap = wordGap.exec(text);
  return gap === null ? undefined : [text.slice(0, gap.index), text.slice(gap.index + gap[0].length)];
}
