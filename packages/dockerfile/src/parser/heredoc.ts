import { expandWords } from '../shell/expand-word.ts';

/** A here-document of RUN, COPY or ADD. */
export interface Heredoc {
  /** The word that ends it, quotes removed; for COPY and ADD also the file's name. */
  readonly name: string;
  /** 0 where no number stands before `<<`. */
  readonly fileDescriptor: number;
  /** False where a part of the word is quoted: the body is taken as it is. */
  readonly expand: boolean;
  /** `<<-`: leading tabs of every line go. The content still has them; see {@link chompTabs}. */
  readonly chomp: boolean;
  readonly content: string;
}

const heredocForm = /^(\d*)<<(-?)[\t\n\f\r ]*([^<]*)$/;
const noEnvironment: ReadonlyMap<string, string> = new Map();

/**
 * Reads a word such as `<<EOF`, `3<<-"END"`; undefined when it is none.
 * @throws DOCKERFILE_EXPANSION where its quotes do not close
 */
export function parseHeredoc(word: string): Omit<Heredoc, 'content'> | undefined {
  const match = heredocForm.exec(word);
  const written = match?.[3] ?? '';
  if (match === null || written === '') return undefined;
  const { words } = expandWords(written, noEnvironment, { keepUnset: true });
  const [name] = words;
  if (name === undefined || words.length !== 1) return undefined;
  const raw = expandWords(written, noEnvironment, { keepUnset: true, rawQuotes: true }).words;
  return {
    name,
    fileDescriptor: Number(match[1] ?? 0),
    expand: countQuotes(name) === countQuotes(raw.join(' ')),
    chomp: match[2] === '-',
  };
}

/**
 * The heredocs that begin in a line, in order. Where the line is no well-formed shell text there are none: the shell will say so.
 * @throws DOCKERFILE_EXPANSION
 */
export function findHeredocs(line: string): readonly Omit<Heredoc, 'content'>[] {
  let words: readonly string[];
  try {
    ({ words } = expandWords(line, noEnvironment, { keepUnset: true, rawQuotes: true, rawEscapes: true }));
  } catch {
    return [];
  }
  return words.map(parseHeredoc).filter((heredoc) => heredoc !== undefined);
}

/** `content` without the tabs at the start of its lines. */
export function chompTabs(content: string): string {
  return content.replace(/^\t+/gm, '');
}

function countQuotes(text: string): number {
  return text.split(/['"]/).length;
}
