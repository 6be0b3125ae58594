/** One way in that a server offers. Names are in lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const maxLength = 16 * 1024;
const maxChallenges = 8;
const token = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const token68 = /[A-Za-z0-9._~+/-]+=*(?=[\t ]*(?:,|$))/y;
const spaces = /[\t ]*/y;
const separators = /[\t ,]*/y;
const quoted = /"((?:[^"\\]|\\.)*)"/y;

/**
 * Reads `WWW-Authenticate` (RFC 9110, section 11.6.1): several challenges in one field, commas in quotes, `token68`.
 * Hostile text yields what could be read before it stopped making sense; nothing is thrown.
 */
export function parseChallenges(header: string | undefined): readonly Challenge[] {
  const challenges: Challenge[] = [];
  if (header === undefined || header.length > maxLength) return challenges;
  const scanner = createScanner(header);
  while (challenges.length < maxChallenges) {
    scanner.take(separators);
    const scheme = scanner.take(token);
    if (scheme === undefined) break;
    challenges.push({ scheme: scheme.toLowerCase(), parameters: takeParameters(scanner) });
  }
  return challenges;
}

type Scanner = ReturnType<typeof createScanner>;

function takeParameters(scanner: Scanner): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  scanner.take(spaces);
  if (scanner.take(token68) !== undefined) {
    scanner.take(separators);
    return parameters;
  }
  for (;;) {
    const start = scanner.position();
    const name = scanner.take(token);
    scanner.take(spaces);
    if (name === undefined || !scanner.skip('=')) {
      // not a parameter, so it is the scheme of the next challenge
      scanner.move(start);
      return parameters;
    }
    scanner.take(spaces);
    const text = scanner.takeGroup(quoted);
    const value = text === undefined ? scanner.take(token) : text.replace(/\\(.)/g, '$1');
    if (value === undefined) return parameters;
    // the first of doubled parameters counts
    if (!parameters.has(name.toLowerCase())) parameters.set(name.toLowerCase(), value);
    scanner.take(separators);
  }
}

function createScanner(text: string) {
  let at = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  return {
    take: (pattern: RegExp) => match(pattern)?.[0],
    takeGroup: (pattern: RegExp) => match(pattern)?.[1],
    skip(character: string) {
      if (text[at] !== character) return false;
      at++;
      return true;
    },
    position: () => at,
    move(to: number) {
      at = to;
    },
  };
}
