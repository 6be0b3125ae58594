/** One word of a shell line, quotes and backslashes taken out. */
export interface ShellWord {
  readonly text: string;
  /** Offsets in the line, quotes included. */
  readonly start: number;
  readonly end: number;
}

/** A simple command: its words without keywords and assignments in front of them. */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  /** Its input is the output of the command before it. */
  readonly piped: boolean;
}

/**
 * The simple commands of a shell text, in order. It is for finding well-known commands, not for running: substitutions stay
 * parts of their words, and what is no proper shell text gives some commands or other, never an error. One pass.
 */
export function splitShell(text: string): readonly ShellCommand[] {
  const commands: ShellCommand[] = [];
  let words: ShellWord[] = [];
  let word: { text: string; start: number } | undefined;
  let piped = false;
  let at = 0;
  const endWord = (): void => {
    if (word !== undefined) words.push({ text: word.text, start: word.start, end: at });
    word = undefined;
  };
  const endCommand = (pipe: boolean): void => {
    endWord();
    const own = dropLeading(words);
    if (own.length > 0) commands.push({ words: own, piped });
    if (own.length > 0 || pipe) piped = pipe;
    words = [];
  };
  const take = (length: number, value: string): void => {
    word ??= { text: '', start: at };
    word.text += value;
    at += length;
  };
  while (at < text.length) {
    const character = text.charAt(at);
    if (character === ' ' || character === '\t' || character === '\r') {
      endWord();
      at++;
    } else if (character === '#' && word === undefined) {
      const feed = text.indexOf('\n', at);
      at = feed === -1 ? text.length : feed;
    } else if (character === '\\') {
      const next = text.charAt(at + 1);
      if (next === '\n') {
        endWord();
        at += 2;
      } else take(Math.min(2, text.length - at), next);
    } else if (character === "'" || character === '"') {
      const end = closeQuote(text, at);
      const inner = text.slice(at + 1, end);
      take(end + 1 - at, character === '"' ? inner.replace(/\\(["\\$`])/g, '$1') : inner);
    } else if (character === '$' && '({'.includes(text.charAt(at + 1)) && at + 1 < text.length) {
      const end = closeSubstitution(text, at + 1);
      take(end - at, text.slice(at, end));
    } else if (character === '`') {
      const end = text.indexOf('`', at + 1);
      const length = (end === -1 ? text.length : end + 1) - at;
      take(length, text.slice(at, at + length));
    } else if (character === '&' && (text.charAt(at - 1) === '>' || text.charAt(at + 1) === '>')) {
      take(1, character);
    } else if ((character === '<' || character === '>') && text.charAt(at + 1) === '(') {
      const end = closeSubstitution(text, at + 1);
      take(end - at, text.slice(at, end));
    } else if ('\n;&|()'.includes(character)) {
      const isPipe = character === '|' && text.charAt(at + 1) !== '|';
      endCommand(isPipe);
      at += text.charAt(at + 1) === character && character !== '\n' ? 2 : 1;
    } else take(1, character);
  }
  at = Math.min(at, text.length);
  endCommand(false);
  return commands;
}

/** Of the closing quote; the end of the text where there is none. */
function closeQuote(text: string, start: number): number {
  const quote = text.charAt(start);
  for (let at = start + 1; at < text.length; at++) {
    if (quote === '"' && text.charAt(at) === '\\') at++;
    else if (text.charAt(at) === quote) return at;
  }
  return text.length;
}

/** Behind the bracket that closes the one at `start`. */
function closeSubstitution(text: string, start: number): number {
  const open = text.charAt(start);
  const close = open === '(' ? ')' : '}';
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '\\') at++;
    else if (character === "'" || character === '"') at = closeQuote(text, at);
    else if (character === open) depth++;
    else if (character === close && --depth === 0) return at + 1;
  }
  return text.length;
}

const keywords = new Set([
  'if',
  'then',
  'elif',
  'else',
  'while',
  'until',
  'do',
  '!',
  '{',
  '}',
  'time',
  'exec',
]);

function dropLeading(words: readonly ShellWord[]): readonly ShellWord[] {
  let first = 0;
  while (first < words.length) {
    const { text } = words[first] ?? { text: '' };
    if (!keywords.has(text) && text !== 'env' && !/^[A-Za-z_]\w*\+?=/.test(text)) break;
    first++;
  }
  return words.slice(first).filter(({ text }) => text !== '}');
}
