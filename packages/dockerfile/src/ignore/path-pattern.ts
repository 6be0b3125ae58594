import { compileTokens } from './wildcard-machine.ts';
import { parsePattern, type Token } from './wildcard-pattern.ts';

/** One line of an ignore file, compiled. */
export interface PathPattern {
  /** Without the `!`. */
  readonly text: string;
  /** It began with `!`: what it matches comes back. */
  readonly exception: boolean;
  readonly matches: (path: string) => boolean;
  /** False: no path below the folder can match. */
  readonly mayMatchUnder: (folder: string) => boolean;
}

/** Compiles a cleaned pattern; undefined: it is malformed. */
export function compilePathPattern(cleaned: string): PathPattern | undefined {
  const exception = cleaned.startsWith('!');
  const text = exception ? cleaned.slice(1) : cleaned;
  const tokens = text === '' ? undefined : parsePattern(text, { deep: true });
  if (tokens === undefined) return undefined;
  const wild = tokens.findIndex(({ kind }) => kind !== 'char');
  const literal = literalText(wild === -1 ? tokens : tokens.slice(0, wild));
  return {
    text,
    exception,
    matches: compileMatch(text, tokens),
    mayMatchUnder: (folder) => {
      const inside = folder === '' ? '' : `${folder}/`;
      return literal.startsWith(inside) || (wild !== -1 && inside.startsWith(literal));
    },
  };
}

/** `**` followed by plain text is a test of the path's end in moby's patternmatcher: `**.log` matches `a.log`. */
function compileMatch(text: string, tokens: readonly Token[]): (path: string) => boolean {
  const [first, ...rest] = tokens;
  if (first?.kind !== 'folders' || rest.some(({ kind }) => kind !== 'char') || text.includes('\\')) {
    return compileTokens(tokens);
  }
  const suffix = text.slice('**'.length);
  const whole = suffix.startsWith('/') ? suffix.slice(1) : undefined;
  return (path) => path === whole || path.endsWith(suffix);
}

function literalText(tokens: readonly Token[]): string {
  return tokens.map((token) => (token.kind === 'char' ? token.text : '')).join('');
}
