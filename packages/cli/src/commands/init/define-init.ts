import type { Command } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { addNotes, type CommandNotes } from '../../help/command-notes.ts';

export interface InitFlags {
  readonly force?: boolean;
  readonly name?: string;
}

const notes: CommandNotes = {
  text: [
    'Looks for Go, Rust, Java (Maven, Gradle), PHP, Python, Node.js, C and C++. Dockerfiles that are there stay as they are and become variants; files that are there are not written over.',
  ],
  examples: [
    { about: 'A Dockerfile, .dockerignore and onebuild.yaml for this folder', line: 'onebuild init' },
    { about: 'Once more, over what is there', line: 'onebuild init --force --name shop' },
  ],
  see: ['onebuild help config', 'docs/guide/project-file.md'],
};

export function defineInit(program: Command, context: CliContext): void {
  const command = program
    .command('init')
    .description('write a first Dockerfile, .dockerignore and onebuild.yaml for what is in a folder')
    .argument('[folder]', 'folder that gets them', '.')
    .option('--name <name>', "name of the app and its image (default: the folder's)")
    .option('--force', 'write over files that are there');
  addNotes(command, notes).action(async (folder: string, flags: InitFlags) => {
    const { runInit } = await import('./run-init.ts');
    await runInit(context, folder, flags);
  });
}
