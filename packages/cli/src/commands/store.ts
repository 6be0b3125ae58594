import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';

/** Flags of all commands about the store. */
export interface StoreFlags {
  readonly home?: string;
  readonly format: 'text' | 'json';
}

export interface StoreGcFlags extends StoreFlags {
  readonly keepSize?: string;
  readonly keepDays?: string;
  readonly dryRun?: boolean;
}

export function defineStore(program: Command, context: CliContext): void {
  const store = program.command('store').description('look after the local store');
  common(store.command('du').description('show what the store holds')).action(async (flags: StoreFlags) => {
    const { showUsage } = await import('./run-store.ts');
    await showUsage(context, flags);
  });
  common(store.command('gc').description('remove what was not used for the longest time'))
    .option('--keep-size <bytes>', 'keep at most so much, for example 20g')
    .option('--keep-days <days>', 'keep what was used in so many days')
    .option('--dry-run', 'only show what would go')
    .action(async (flags: StoreGcFlags) => {
      const { collectGarbage } = await import('./run-store.ts');
      await collectGarbage(context, flags);
    });
  common(store.command('verify').description('check all content against its digests')).action(
    async (flags: StoreFlags) => {
      const { verify } = await import('./run-store.ts');
      await verify(context, flags);
    },
  );
}

function common(command: Command): Command {
  return command
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    );
}
