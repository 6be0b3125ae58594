import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addNotes } from '../help/command-notes.ts';

export interface DoctorFlags {
  readonly home?: string;
  readonly format: 'text' | 'json';
}

export function defineDoctor(program: Command, context: CliContext): void {
  const command = program
    .command('doctor')
    .description('show what this machine offers for builds, and how to mend what it lacks')
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    )
    .action(async (flags: DoctorFlags) => {
      const { runDoctor } = await import('./run-doctor.ts');
      await runDoctor(context, flags);
    });
  addNotes(command, {
    text: ['Exits with 8 when something is missing that builds need.'],
    examples: [
      { about: 'A table, and the lines that mend what is missing', line: 'onebuild doctor' },
      { about: 'For a script', line: 'onebuild doctor --format json' },
    ],
    see: ['docs/guide/install.md', 'docs/guide/rootless.md'],
  });
}
