import { Argument, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';

const shells = ['bash', 'zsh', 'fish'] as const;

const usage = `
  bash: source <(onebuild completion bash)
  zsh:  source <(onebuild completion zsh)
  fish: onebuild completion fish | source`;

export function defineCompletion(program: Command, context: CliContext): void {
  program
    .command('completion')
    .description("print a shell's completion script")
    .addArgument(new Argument('<shell>', 'shell').choices(shells))
    .addHelpText('after', usage)
    .action(async (shell: (typeof shells)[number]) => {
      const { createCompletionTree } = await import('../completion/completion-tree.ts');
      const render = {
        bash: async () => (await import('../completion/bash-completion.ts')).renderBash,
        zsh: async () => (await import('../completion/zsh-completion.ts')).renderZsh,
        fish: async () => (await import('../completion/fish-completion.ts')).renderFish,
      }[shell];
      context.stdout.write((await render())(createCompletionTree(program)));
    });
}
