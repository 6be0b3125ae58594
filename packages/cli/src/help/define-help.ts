import { errorCatalog, fault, suggest } from '@onebuild/core';
import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addNotes } from './command-notes.ts';

/** `onebuild help`, of a command or an error code, and `onebuild explain`. */
export function defineHelp(program: Command, context: CliContext): void {
  const help = program
    .helpCommand(false)
    .command('help')
    .description('print help of a command, or explain an error code')
    .argument('[topic...]', 'words of a command, or an error code')
    .action(async (topic: readonly string[]) => {
      const [first = ''] = topic;
      if (/^[A-Z]+(?:_[A-Z]+)*$/.test(first)) return await explain(context, first);
      findCommand(program, topic).outputHelp();
    });
  addNotes(help, {
    examples: [
      { about: 'Flags and examples of a command', line: 'onebuild help store gc' },
      { about: 'What an error means, and what to do', line: 'onebuild help STEP_FAILED' },
    ],
    see: ['onebuild explain', 'docs/reference/cli.md'],
  });
  const explaining = program
    .command('explain')
    .description('explain an error code: what it means, what causes it, what to do')
    .argument('[code]', 'as printed after "error"; without one, all codes are listed')
    .action((code?: string) => explain(context, code));
  addNotes(explaining, {
    examples: [
      { about: 'What an error means, and what to do', line: 'onebuild explain REGISTRY_TLS' },
      { about: 'All error codes', line: 'onebuild explain' },
    ],
    see: ['docs/errors/README.md', 'docs/guide/troubleshooting.md'],
  });
}

async function explain(context: CliContext, code?: string): Promise<void> {
  const { renderCodes, renderExplanation } = await import('../explain/render-explanation.ts');
  const codes = Object.keys(errorCatalog) as (keyof typeof errorCatalog)[];
  const wanted = code?.toUpperCase().replaceAll('-', '_');
  const known = codes.find((one) => one === wanted);
  if (code !== undefined && known === undefined) {
    const close = suggest(wanted ?? '', codes);
    throw fault('USAGE', `there is no error code ${JSON.stringify(code)}`, {
      hint: close === undefined ? '`onebuild explain` lists them all.' : `Did you mean ${close}?`,
    });
  }
  const columns = Math.min(context.stdout.columns || 80, 100);
  const lines = known === undefined ? renderCodes() : renderExplanation(known, columns);
  context.stdout.write(`${lines.join('\n')}\n`);
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
