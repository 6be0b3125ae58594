import type { Report } from './lint-dockerfile.ts';
import { programOf } from './read-install.ts';
import type { ShellCommand } from './split-shell.ts';
import type { RunView, StageView } from './stage-view.ts';

const shell = /^(?:ba|da|a|z|k)?sh$/;
const fetchInside = /(?:\$\(|<\(|`)\s*(?:curl|wget)\b/;

/** Checks of single commands in RUN. */
export function checkCommands(views: readonly StageView[], report: Report): void {
  for (const { instruction, commands } of views.flatMap(({ runs }) => runs)) {
    if (commands.some(({ words }) => words[0]?.text === 'sudo')) {
      report('SudoInRun', 'RUN needs no sudo: set USER root before it', instruction);
    }
    if (commands.some((command, index) => runsDownload(command, commands[index - 1]))) {
      report('PipeToShell', 'What is downloaded runs unchecked', instruction);
    }
    checkFolder({ instruction, commands }, report);
  }
}

function runsDownload(command: ShellCommand, before: ShellCommand | undefined): boolean {
  const program = programOf(command);
  if (!shell.test(program) && program !== 'eval' && !/^python[0-9.]*$/.test(program)) return false;
  const texts = command.words.map(({ text }) => text);
  if (command.piped && before !== undefined && /^(?:curl|wget)$/.test(programOf(before))) {
    const script = texts.slice(texts.indexOf('sudo') === 0 ? 2 : 1).find((text) => !text.startsWith('-'));
    return script === undefined || texts.includes('-s') || texts.includes('-');
  }
  return shell.test(program) && texts.some((text) => fetchInside.test(text));
}

function checkFolder(
  { instruction, commands }: Pick<RunView, 'instruction' | 'commands'>,
  report: Report,
): void {
  const last = commands.at(-1);
  if (instruction.command.form !== 'shell' || last === undefined || programOf(last) !== 'cd') return;
  const folder = last.words[1]?.text ?? '';
  report('CdHasNoEffect', `The next instruction does not begin in '${folder}': use WORKDIR`, instruction);
}
