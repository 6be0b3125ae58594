import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { addNotes, type CommandNotes } from '../../help/command-notes.ts';

export interface ExplainFlags {
  readonly format: 'text' | 'json';
  readonly last: string;
  readonly list?: boolean;
  readonly home?: string;
}

const notes: CommandNotes = {
  text: [
    'Without an argument: the steps of the last build that was started in this folder (else of the last one at all), which ran and which did not, and why.',
    'STEP is a number as the build printed it, a part of the instruction, a stage, a target, or a line of a Dockerfile. Error codes and lint rules are explained by their names.',
  ],
  examples: [
    { about: 'What the last build did, and why', line: 'onebuild explain' },
    { about: 'Why a step ran, or did not', line: 'onebuild explain "RUN make"' },
    { about: 'What stands on line 12', line: 'onebuild explain Dockerfile:12' },
    { about: 'The build before the last one', line: 'onebuild explain --last 2' },
    { about: 'What an error means, and what to do', line: 'onebuild explain REGISTRY_TLS' },
    { about: 'What a lint rule asks for', line: 'onebuild explain UnpinnedBase' },
    { about: 'All error codes and lint rules', line: 'onebuild explain --list' },
  ],
  see: [
    'onebuild plan              the same before a build',
    'docs/guide/explain.md, docs/errors/README.md, docs/lint/README.md',
  ],
};

export function defineExplain(program: Command, context: CliContext): void {
  const command = program
    .command('explain')
    .description('say why steps of the last build ran or not; or what an error code or a lint rule means')
    .argument('[step...]', 'a step, an error code or a lint rule; without one, all steps of the last build')
    .option('--last <n>', 'the n-th last build (of 20 that are remembered)', '1')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .option('--list', 'list all error codes and lint rules')
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME, else see docs/guide/store.md)');
  addNotes(command, notes).action(async (words: readonly string[], flags: ExplainFlags) => {
    const { runExplain } = await import('./run-explain.ts');
    await runExplain(context, words.join(' '), flags);
  });
}
