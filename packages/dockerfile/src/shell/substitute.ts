import { matchAt, parseGlob, reverseGlob, search } from './glob-pattern.ts';
import { checkLength } from './word-state.ts';

/** `${x#word}`, `${x##word}`, `${x%word}`, `${x%%word}`: the doubled sign is the first character of `word`. */
export function trimPattern(value: string, word: string, side: '#' | '%'): string {
  const greedy = word.startsWith(side);
  const pattern = parseGlob(greedy ? word.slice(1) : word);
  const characters = Array.from(value);
  if (side === '#') return characters.slice(matchAt(pattern, characters, 0, greedy) ?? 0).join('');
  const end = matchAt(reverseGlob(pattern), characters.toReversed(), 0, greedy) ?? 0;
  return characters.slice(0, characters.length - end).join('');
}

/** The leftmost match of `pattern`, or every one, becomes `replacement`; `*` takes as much as it can. */
export function replacePattern(
  value: string,
  pattern: string,
  options: { readonly replacement: string; readonly all: boolean },
): string {
  const glob = parseGlob(pattern);
  const characters = Array.from(value);
  const pieces: string[] = [];
  let length = 0;
  let copied = 0;
  let from = 0;
  for (;;) {
    const match = search(glob, characters, from);
    if (match === undefined) break;
    const [start, end] = match;
    // an empty match right behind another one does not count
    if (start < end || start > copied || pieces.length === 0) {
      pieces.push(characters.slice(copied, start).join(''), options.replacement);
      length += start - copied + options.replacement.length;
      checkLength(length);
      copied = end;
      if (!options.all) break;
    }
    from = start === end ? end + 1 : end;
    if (from > characters.length) break;
  }
  return pieces.join('') + characters.slice(copied).join('');
}
