import type { Token } from './wildcard-pattern.ts';

/**
 * Turns tokens into a test of whole paths. It runs all ways through the pattern side by side, so the time is at most path times pattern,
 * however many wildcards there are; most paths fail before that, at the literal text the pattern begins or ends with.
 */
export function compileTokens(tokens: readonly Token[]): (path: string) => boolean {
  const head = literalRun(tokens);
  const tail = literalRun(tokens.toReversed()).toReversed();
  const prefix = head.join('');
  if (head.length === tokens.length) return (path) => path === prefix;
  const suffix = tail.join('');
  const middle = tokens.slice(head.length, tokens.length - tail.length);
  const least = prefix.length + suffix.length;
  return (path) =>
    path.length >= least &&
    path.startsWith(prefix) &&
    path.endsWith(suffix) &&
    runMachine(middle, path.slice(prefix.length, path.length - suffix.length));
}

function literalRun(tokens: readonly Token[]): readonly string[] {
  const run: string[] = [];
  for (const token of tokens) {
    if (token.kind !== 'char') break;
    run.push(token.text);
  }
  return run;
}

/** State `i` waits for token `i`; `inside` are `folders` tokens that have taken something and need a `/` to end. */
interface States {
  readonly waiting: Uint8Array;
  readonly inside: Uint8Array;
}

function runMachine(tokens: readonly Token[], text: string): boolean {
  const [only] = tokens;
  if (tokens.length === 1 && only?.kind === 'star') return !text.includes('/');
  if (tokens.length === 1 && only?.kind === 'rest') return true;
  let now = createStates(tokens.length);
  let next = createStates(tokens.length);
  wait(tokens, now, 0);
  for (const character of text) {
    next.waiting.fill(0);
    next.inside.fill(0);
    let alive = false;
    for (let i = 0; i < tokens.length; i++) {
      if (now.waiting[i] !== 0 || now.inside[i] !== 0)
        alive = advance(tokens, { now, next, i, character }) || alive;
    }
    if (!alive) return false;
    [now, next] = [next, now];
  }
  return now.waiting[tokens.length] === 1;
}

function createStates(size: number): States {
  return { waiting: new Uint8Array(size + 1), inside: new Uint8Array(size + 1) };
}

/** Arrives at token `i`, and at those behind it that may match nothing. */
function wait(tokens: readonly Token[], states: States, i: number): void {
  for (let at = i; states.waiting[at] === 0; at++) {
    states.waiting[at] = 1;
    const kind = tokens[at]?.kind;
    if (kind !== 'star' && kind !== 'rest' && kind !== 'folders') return;
  }
}

/** Takes one character in one state; false where that way ends. */
function advance(
  tokens: readonly Token[],
  step: { readonly now: States; readonly next: States; readonly i: number; readonly character: string },
): boolean {
  const { next, i, character } = step;
  const token = tokens[i];
  if (token === undefined) return false;
  switch (token.kind) {
    case 'folders':
      next.inside[i] = 1;
      if (character === '/') wait(tokens, next, i + 1);
      return true;
    case 'rest':
      wait(tokens, next, i);
      return true;
    case 'star':
      if (character === '/') return false;
      wait(tokens, next, i);
      return true;
    default:
      if (!matchesOne(token, character)) return false;
      wait(tokens, next, i + 1);
      return true;
  }
}

function matchesOne(token: Token, character: string): boolean {
  if (token.kind === 'char') return token.text === character;
  if (token.kind === 'any') return character !== '/';
  if (token.kind !== 'set') return false;
  const code = character.codePointAt(0) ?? 0;
  const found = token.ranges.some(
    ([low, high]) => (low.codePointAt(0) ?? 0) <= code && code <= (high.codePointAt(0) ?? 0),
  );
  return found !== token.negated;
}
