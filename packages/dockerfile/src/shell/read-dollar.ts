import { readWord } from './read-word.ts';
import { replacePattern, trimPattern } from './substitute.ts';
import { atEnd, expansionFault, lookUp, lookUpStrictly, peek, take, type WordState } from './word-state.ts';

const supported =
  'Supported are ${x:-y}, ${x:+y}, ${x:?y}, the same without colon, ${x#p}, ${x##p}, ${x%p}, ${x%%p}, ${x/p/y} and ${x//p/y}.';

/** Reads what begins with `$` and gives what it stands for. A `$` without a name is itself. */
export function readDollar(state: WordState): string {
  take(state);
  if (peek(state) !== '{') {
    const name = readName(state);
    if (name === '') return '$';
    return lookUpStrictly(state, name) ?? (state.keepUnset ? `$${name}` : '');
  }
  take(state);
  if (atEnd(state)) throw expansionFault("'}' is missing after '${'");
  if ('{}:'.includes(peek(state))) throw expansionFault(`'\${${peek(state)}' is no substitution`, supported);
  const name = readName(state, state.dottedNames);
  const operator = take(state);
  if (operator === '}') return lookUpStrictly(state, name) ?? (state.keepUnset ? `\${${name}}` : '');
  if (operator === '/') return readReplacement(state, name);
  if (operator === '' || !':+-?#%'.includes(operator)) throw unsupported(name, operator);
  return readModifier(state, name, operator);
}

/** `${name:-word}` and its like; `operator` has been read. */
function readModifier(state: WordState, name: string, operator: string): string {
  const nullIsUnset = operator === ':';
  const kind = nullIsUnset ? take(state) : operator;
  const isPattern = kind === '#' || kind === '%';
  if (nullIsUnset && isPattern) throw unsupported(name, `:${kind}`);
  const value = state.env.get(name);
  const missing = value === undefined || (nullIsUnset && value === '');
  const { onUnset } = state;
  // names in a word that is not used may have no value
  if (!isPattern && missing === (kind === '+')) state.onUnset = undefined;
  const word = readOperand(state, '}', isPattern);
  state.onUnset = onUnset;
  if (isPattern) lookUpStrictly(state, name);
  else lookUp(state, name);
  const written = `${nullIsUnset ? ':' : ''}${kind}`;
  if (value === undefined && state.keepUnset) return `\${${name}${written}${word}}`;
  switch (kind) {
    case '-':
      return missing ? word : (value ?? '');
    case '+':
      return missing ? '' : word;
    case '?':
      if (!missing) return value ?? '';
      throw expansionFault(
        `${name}: ${word === '' ? `is not allowed to be ${value === undefined ? 'unset' : 'empty'}` : word}`,
        'Set the variable with ENV or `--build-arg`, or give it a default.',
      );
    case '#':
    case '%':
      return trimPattern(value ?? '', word, kind);
    default:
      throw unsupported(name, written);
  }
}

/** `${name/pattern/text}`, `${name//pattern/text}`; the first `/` has been read. */
function readReplacement(state: WordState, name: string): string {
  const all = peek(state) === '/';
  if (all) take(state);
  const pattern = readOperand(state, '/', true);
  const replacement = readOperand(state, '}', true);
  const value = lookUpStrictly(state, name);
  if (value === undefined && state.keepUnset) return `\${${name}/${pattern}/${replacement}}`;
  return replacePattern(value ?? '', pattern, { replacement, all });
}

function readOperand(state: WordState, stop: '}' | '/', raw: boolean): string {
  const start = state.position;
  try {
    return readWord(state, stop, raw).result;
  } catch (error) {
    if (!atEnd(state) || state.text.indexOf(stop, start) !== -1) throw error;
    throw expansionFault(`'${stop}' is missing in '\${...}'`, supported);
  }
}

/** Letters, digits and `_`; a number alone; or one of the shell's special parameters. */
function readName(state: WordState, dotted = false): string {
  const start = state.position;
  const first = peek(state);
  if (first !== '' && '@*#?-$!0'.includes(first) && !/^\d/.test(first)) return take(state);
  const form = dotted
    ? /[\p{L}_][\p{L}\p{Nd}_]*(?:\.[\p{L}_][\p{L}\p{Nd}_]*)*/uy
    : /\p{Nd}+|[\p{L}_][\p{L}\p{Nd}_]*/uy;
  form.lastIndex = start;
  const name = form.exec(state.text)?.[0] ?? '';
  state.position += name.length;
  return name;
}

function unsupported(name: string, operator: string): Error {
  return expansionFault(`'\${${name}${operator}' is not supported`, supported);
}
