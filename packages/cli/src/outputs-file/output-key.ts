/**
 * Puts words together as `amd64Kylinv10ImageName`: letters, digits and `_` only, no digit first, so that shells and CI systems take it for
 * the name of a variable. Everything else in a word parts it; `_` stands where digits would run together.
 */
export function outputKey(words: readonly string[]): string {
  const parts = words.flatMap((word) => word.split(/[^A-Za-z0-9]+/)).filter((part) => part !== '');
  const key = parts.reduce(
    (text, part) => text + (/\d$/.test(text) && /^\d/.test(part) ? '_' : '') + capital(part),
    '',
  );
  const [first = ''] = key;
  return `${/\d/.test(first) ? '_' : ''}${first.toLowerCase()}${key.slice(1)}`;
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
