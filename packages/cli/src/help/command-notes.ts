import type { Command } from 'commander';

/** A command line that works, and what it is for. */
export interface Example {
  /** `Build and push in one go` */
  readonly about: string;
  readonly line: string;
}

/** What a command's help says behind its flags, and the reference with it. */
export interface CommandNotes {
  /** Paragraphs. */
  readonly text?: readonly string[];
  /** Environment variables that it reads, by name. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly examples: readonly Example[];
  /** Related commands, and pages of the documentation. */
  readonly see: readonly string[];
}

/** Columns of a help page, at most; of one that goes into a pipe. */
export const narrowHelp = 80;

const known = new WeakMap<Command, CommandNotes>();

/** Gives a command its notes. They are put into lines when help is asked for, not before. */
export function addNotes(command: Command, notes: CommandNotes): Command {
  known.set(command, notes);
  return command.addHelpText('after', () => renderNotes(notes, command.createHelp().helpWidth ?? narrowHelp));
}

export function notesOf(command: Command): CommandNotes | undefined {
  return known.get(command);
}

function renderNotes({ text = [], environment = {}, examples, see }: CommandNotes, width: number): string {
  const variables = Object.entries(environment);
  const column = Math.max(20, ...variables.map(([name]) => name.length + 2));
  return [
    ...text.flatMap((paragraph) => ['', ...wrapText(paragraph, width)]),
    ...(variables.length === 0 ? [] : ['', 'Environment:']),
    ...variables.map(([name, meaning]) => `  ${name.padEnd(column)}${meaning}`),
    '',
    'Examples:',
    ...examples.flatMap(({ about, line }) => [`  # ${about}`, `  ${line}`]),
    '',
    'See also:',
    ...see.map((place) => `  ${place}`),
  ].join('\n');
}

/** Breaks a paragraph at its spaces. */
export function wrapText(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  return [...lines, line];
}
