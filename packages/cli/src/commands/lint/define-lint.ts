import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { collect } from '../../flags/collect.ts';
import { addRegistryFlags, type RegistryFlags } from '../../flags/registry-flags.ts';
import { addNotes } from '../../help/command-notes.ts';

export interface LintFlags extends RegistryFlags {
  readonly format: 'text' | 'json' | 'sarif';
  readonly rule: readonly string[];
  readonly skip: readonly string[];
  readonly image: readonly string[];
  readonly fix?: boolean;
  readonly diff?: boolean;
}

export function defineLint(program: Command, context: CliContext): void {
  const command = program
    .command('lint')
    .description('find what is likely wrong or wasteful in Dockerfiles, and correct what is safe to')
    .argument(
      '[paths...]',
      'folders: what their project file builds and the Dockerfiles in them; files; or - for standard input (default: .)',
    )
    .addOption(
      new Option('--format <format>', 'form of the output')
        .choices(['text', 'json', 'sarif'])
        .default('text'),
    )
    .addOption(
      new Option('--rule <names>', 'look at these rules only, experimental ones too')
        .argParser(collect)
        .default([], ''),
    )
    .addOption(new Option('--skip <names>', 'do not look at these rules').argParser(collect).default([], ''))
    .option('--fix', 'correct what can be corrected safely, in the files')
    .option('--diff', 'print what --fix would change as a patch, and write nothing')
    .addOption(
      new Option(
        '--image <reference>',
        'find files in the layers of an image that later layers remove or replace',
      )
        .argParser(collect)
        .default([], ''),
    );
  addNotes(addRegistryFlags(command), {
    text: [
      'Errors and warnings end with exit code 1, notes do not; a file that is no Dockerfile ends with 3. With --diff 1 says that there is something to correct. "# check=skip=RULE" is honoured at the top of a file and above an instruction.',
    ],
    examples: [
      { about: 'All Dockerfiles under this folder', line: 'onebuild lint' },
      { about: 'See what would be corrected', line: 'onebuild lint --diff services' },
      { about: 'Correct what is safe to correct', line: 'onebuild lint --fix services' },
      {
        about: 'For a code host that shows findings beside the code',
        line: 'onebuild lint --format sarif . > lint.sarif',
      },
      {
        about: 'What the layers of an image waste',
        line: 'onebuild lint --image registry.example.com/app:1.0',
      },
    ],
    see: ['onebuild help build', 'docs/guide/lint.md', 'docs/lint/README.md'],
  }).action(async (paths: readonly string[], flags: LintFlags) => {
    const { runLint } = await import('./run-lint.ts');
    await runLint(context, paths, flags);
  });
}
