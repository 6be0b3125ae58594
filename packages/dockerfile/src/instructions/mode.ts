import { invalid } from './request.ts';

/** The new permission bits (0 to 0o7777) of a file or folder that has `mode`. */
export type ModeChange = (mode: number, isDir: boolean) => number;

type Operator = '+' | '-' | '=';
/** `mode` so far, `old` before the first step. */
type Step = (mode: number, old: number, isDir: boolean) => number;

/** What a class of users owns of the bits, set-id included. */
const classes: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o0007, a: 0o6777 };
const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const everyone = 0o6777;
const sticky = 0o1000;
const letters: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: sticky };

/**
 * Reads `0755` or `u+x,g=rw`, as setmode(3) of BSD does with an empty umask; so does BuildKit's `--chmod`.
 * @throws DOCKERFILE_INSTRUCTION
 */
export function parseMode(text: string): ModeChange {
  if (/^[0-9]/.test(text)) {
    const fixed = /^[0-7]+$/.test(text) ? Number.parseInt(text, 8) : Number.NaN;
    if (!(fixed <= 0o7777)) throw invalid(`the mode ${text} must be an octal number from 0 to 07777`);
    return () => fixed;
  }
  const steps = text.split(',').flatMap((clause) => parseClause(clause, text));
  return (mode, isDir) => steps.reduce((bits, step) => step(bits, mode, isDir), mode);
}

/** `ug+rw-x=u`: who, then one or more operators with their permissions. */
function parseClause(clause: string, text: string): readonly Step[] {
  const match = /^([ugoa]*)((?:[+\-=][rwxXstugo]*)+)$/.exec(clause);
  if (match === null || text.length > 1000) {
    throw invalid(`${JSON.stringify(text)} is no mode`, 'Write it as 0755 or u=rwX,go=rX.');
  }
  const [, classLetters = '', actions = ''] = match;
  let who = 0;
  for (const letter of classLetters) who |= classes[letter] ?? 0;
  return (actions.match(/[+\-=][^+\-=]*/g) ?? []).flatMap((action) => parseAction(action, who));
}

/** What one operator does; a copy of another class (`g=u`) ends the permissions that were gathered before it. */
function parseAction(action: string, who: number): readonly Step[] {
  const operator = action.startsWith('+') ? '+' : action.startsWith('-') ? '-' : '=';
  const steps: Step[] = [];
  const pending = { who, bits: 0, search: false };
  const flush = (always: boolean) => {
    if (pending.bits !== 0 || always) steps.push(changeBits(operator, pending.who, pending.bits));
    if (pending.search) steps.push(addSearch(pending.who));
    pending.bits = 0;
    pending.search = false;
  };
  let copied = false;
  for (const letter of action.slice(1)) {
    if (letter in shifts) {
      flush(false);
      steps.push(copyClass(letter, operator, pending.who));
      copied = true;
    } else if (letter === 'X' && operator !== '-') pending.search = true;
    else gather(pending, letter === 'X' ? 'x' : letter);
  }
  flush(operator === '=' && !copied);
  return steps;
}

/** `s` and `t` mean nothing for `o` alone. */
function gather(pending: { who: number; bits: number }, letter: string): void {
  const special = letter === 's' || letter === 't';
  if (special && pending.who !== 0 && (pending.who & ~0o007) === 0) return;
  if (letter === 't') pending.who |= sticky;
  pending.bits |= letters[letter] ?? 0;
}

function changeBits(operator: Operator, who: number, bits: number): Step {
  const changed = who === 0 ? bits : bits & who;
  if (operator === '-') return (mode) => mode & ~changed;
  const cleared = operator === '+' ? 0 : who === 0 ? everyone : who;
  return (mode) => (mode & ~cleared) | changed;
}

/** `X`: execute for folders, and for files that somebody could execute before. */
function addSearch(who: number): Step {
  const bits = who === 0 ? 0o111 : 0o111 & who;
  return (mode, old, isDir) => (isDir || (old & 0o111) !== 0 ? mode | bits : mode);
}

/** `g=u`: the permissions of one class for others. */
function copyClass(source: string, operator: Operator, who: number): Step {
  const targets = Object.entries(shifts).filter(
    ([name]) => who === 0 || (who & (classes[name] ?? 0) & 0o444) !== 0,
  );
  return (mode) => {
    const value = (mode >> (shifts[source] ?? 0)) & 7;
    return targets.reduce((bits, [, shift]) => {
      const cleared = operator === '+' ? bits : bits & ~((operator === '-' ? value : 7) << shift);
      return operator === '-' ? cleared : cleared | (value << shift);
    }, mode);
  };
}
