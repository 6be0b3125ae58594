import { Argument, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addNotes } from '../help/command-notes.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

export function defineCompletion(program: Command, context: CliContext): void {
  const command = program
    .command('completion')
    .description('print a script that completes commands, flags and values in a shell')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells))
    .action(async (shell: (typeof shells)[number]) => {
      const { createCompletionTree } = await import('../completion/completion-tree.ts');
      const render = {
        bash: async () => (await import('../completion/bash-completion.ts')).renderBash,
        zsh: async () => (await import('../completion/zsh-completion.ts')).renderZsh,
        fish: async () => (await import('../completion/fish-completion.ts')).renderFish,
      }[shell];
      context.stdout.write((await render())(createCompletionTree(program)));
    });
  addNotes(command, {
    text: ['Put the line for your shell into its start file to have it always.'],
    examples: [
      { about: 'bash, in ~/.bashrc', line: 'source <(onebuild completion bash)' },
      { about: 'zsh, in ~/.zshrc', line: 'source <(onebuild completion zsh)' },
      { about: 'fish, in ~/.config/fish/config.fish', line: 'onebuild completion fish | source' },
    ],
    see: ['docs/guide/install.md'],
  });
}
