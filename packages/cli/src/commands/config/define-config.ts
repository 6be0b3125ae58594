import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { collect } from '../../flags/collect.ts';
import { addNotes, type CommandNotes } from '../../help/command-notes.ts';

export interface ConfigFlags {
  readonly file: readonly string[];
  readonly format: 'yaml' | 'json';
  readonly dockerfile?: string;
  readonly schema?: boolean;
  readonly buildArg: readonly string[];
  readonly bind: readonly string[];
  readonly set: readonly string[];
}

const notes: CommandNotes = {
  text: [
    'Prints what a build would take from onebuild.yaml, bake or compose files, or the Dockerfiles of the folder: inherited, interpolated, with defaults. Nothing is built and no registry is asked.',
  ],
  examples: [
    { about: 'All targets of the folder', line: 'onebuild config' },
    { about: 'One variant, for a script', line: 'onebuild config --format json helper.kylinv10' },
    {
      about: 'The Dockerfile of a variant, as it is parsed',
      line: 'onebuild config --dockerfile helper.kylinv10',
    },
    { about: 'For the editor', line: 'onebuild config --schema > onebuild.schema.json' },
  ],
  see: ['onebuild help init', 'docs/guide/project-file.md'],
};

export function defineConfig(program: Command, context: CliContext): void {
  const command = program
    .command('config')
    .description('print what the project file says, resolved')
    .argument('[targets...]', 'targets or groups (default: those that are built by default)')
    .addOption(
      new Option(
        '-f, --file <path>',
        'the project file, or its folder (default: onebuild.yaml, else bake or compose files)',
      )
        .argParser(collect)
        .default([], ''),
    )
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['yaml', 'json']).default('yaml'),
    )
    .option(
      '--dockerfile <target>',
      "print the target's Dockerfile, with the parameters of its template put in",
    )
    .option('--schema', 'print the JSON schema of onebuild.yaml, for editors')
    .addOption(
      new Option('--build-arg <name=value>', 'build argument; wins over those of the file')
        .argParser(collect)
        .default([], ''),
    )
    .addOption(
      new Option(
        '--bind <name=variant>',
        'without a project file: an image name that means a variant, or variant/stage',
      )
        .argParser(collect)
        .default([], ''),
    )
    .addOption(
      new Option('--set <target.key=value>', 'override a value of a bake or compose file')
        .argParser(collect)
        .default([], ''),
    );
  addNotes(command, notes).action(async (targets: readonly string[], flags: ConfigFlags) => {
    const { runConfig } = await import('./run-config.ts');
    await runConfig(context, targets, flags);
  });
}
