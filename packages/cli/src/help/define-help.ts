import { fault, suggest } from '@onebuild/core';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addNotes } from './command-notes.ts';

/** `onebuild help`, of a command, an error code or a lint rule. */
export function defineHelp(program: Command, context: CliContext): void {
  const help = program
    .helpCommand(false)
    .command('help')
    .description('print help of a command, or explain an error code or a lint rule')
    .argument('[topic...]', 'words of a command, an error code, or a lint rule')
    .action(async (topic: readonly string[]) => {
      const [first = ''] = topic;
      if (/^[A-Z]/.test(first)) {
        await explainTopic(context, first);
        return;
      }
      findCommand(program, topic).outputHelp();
    });
  addNotes(help, {
    examples: [
      { about: 'Flags and examples of a command', line: 'onebuild help store gc' },
      { about: 'What an error means, and what to do', line: 'onebuild help STEP_FAILED' },
    ],
    see: ['onebuild explain', 'docs/reference/cli.md'],
  });
}

/** @throws USAGE with the name that is closest */
async function explainTopic(context: CliContext, name: string): Promise<void> {
  const { errorCodes, findTopic } = await import('../explain/explain-topic.ts');
  const topic = findTopic(name);
  if (topic === undefined) {
    const close = suggest(name, errorCodes);
    throw fault('USAGE', `there is no error code or lint rule ${JSON.stringify(name)}`, {
      hint: close === undefined ? '`onebuild explain --list` lists them all.' : `Did you mean ${close}?`,
    });
  }
  const { printTopic } = await import('../explain/print-topic.ts');
  printTopic(context, topic);
}

/**
 * The command that words name, from the top.
 * @throws USAGE with the name that is closest
 */
export function findCommand(program: Command, words: readonly string[]): Command {
  let at = program;
  for (const word of words) {
    const found = at.commands.find((command) => command.name() === word);
    if (found === undefined) throw unknownCommand(at, word);
    at = found;
  }
  return at;
}

/** Words of a command line that are to be commands, checked before the parser takes `--help` behind them for its own. */
export function checkCommandWords(program: Command, args: readonly string[]): void {
  let at = program;
  for (const word of args) {
    if (word === '--debug' || word === '-D') continue;
    if (word.startsWith('-') || at.commands.length === 0) return;
    at = findCommand(at, [word]);
  }
}

function unknownCommand(parent: Command, word: string): Error {
  const names = parent.commands.map((command) => command.name());
  const close = suggest(word, names);
  return fault('USAGE', `unknown command '${word}'`, {
    hint: close === undefined ? `Commands are ${names.join(', ')}.` : `Did you mean ${close}?`,
  });
}
