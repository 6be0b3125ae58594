/** One step of a pattern. */
export type Token =
  | { readonly kind: 'char'; readonly text: string }
  /** `?`: any character but `/` */
  | { readonly kind: 'any' }
  /** `*`: any run without `/` */
  | { readonly kind: 'star' }
  /** `**` in front of more: nothing, or anything that ends with `/` */
  | { readonly kind: 'folders' }
  /** `**` at the end: anything */
  | { readonly kind: 'rest' }
  /** `[a-z]`; it matches `/`, too, as in Go */
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [low: string, high: string])[];
    };

interface Reader {
  readonly characters: readonly string[];
  position: number;
}

/**
 * Takes a pattern apart by the grammar of Go's `path.Match`, where `deep` adds `**` as moby's patternmatcher has it. undefined: it is
 * malformed.
 */
export function parsePattern(
  pattern: string,
  options: { readonly deep: boolean },
): readonly Token[] | undefined {
  const reader: Reader = { characters: Array.from(pattern), position: 0 };
  const tokens: Token[] = [];
  while (reader.position < reader.characters.length) {
    const token = readToken(reader, options.deep);
    if (token === undefined) return undefined;
    tokens.push(token);
  }
  return tokens;
}

function readToken(reader: Reader, deep: boolean): Token | undefined {
  const character = take(reader);
  switch (character) {
    case '*':
      return deep && peek(reader) === '*' ? readDeep(reader) : { kind: 'star' };
    case '?':
      return { kind: 'any' };
    case '[':
      return readSet(reader);
    case '\\': {
      const text = take(reader);
      return text === undefined ? undefined : { kind: 'char', text };
    }
    case undefined:
      return undefined;
    default:
      return { kind: 'char', text: character };
  }
}

/** `**` takes a slash behind it along. */
function readDeep(reader: Reader): Token {
  take(reader);
  if (peek(reader) === '/') take(reader);
  return { kind: peek(reader) === undefined ? 'rest' : 'folders' };
}

function readSet(reader: Reader): Token | undefined {
  const negated = peek(reader) === '^';
  if (negated) take(reader);
  const ranges: [string, string][] = [];
  while (ranges.length === 0 || peek(reader) !== ']') {
    const low = readSetCharacter(reader);
    if (low === undefined) return undefined;
    let high: string | undefined = low;
    if (peek(reader) === '-') {
      take(reader);
      high = readSetCharacter(reader);
    }
    if (high === undefined) return undefined;
    ranges.push([low, high]);
  }
  take(reader);
  return { kind: 'set', negated, ranges };
}

function readSetCharacter(reader: Reader): string | undefined {
  const character = take(reader);
  if (character === '-' || character === ']') return undefined;
  return character === '\\' ? take(reader) : character;
}

function peek(reader: Reader): string | undefined {
  return reader.characters[reader.position];
}

function take(reader: Reader): string | undefined {
  return reader.characters[reader.position++];
}
