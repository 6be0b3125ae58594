import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addNotes } from '../help/command-notes.ts';

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
  const store = program
    .command('store')
    .description('look after the local store: what it holds, what may go, whether it is whole');
  addNotes(store, {
    text: [
      'The store holds blobs, unpacked layers and the cache. It is ONEBUILD_HOME, else /var/lib/onebuild for root and ' +
        '~/.local/share/onebuild for others. It may be deleted at any time while nothing builds.',
    ],
    examples: [
      { about: 'What takes the room', line: 'onebuild store du' },
      { about: 'Keep the newest 20 GB', line: 'onebuild store gc --keep-size 20g' },
    ],
    see: ['docs/guide/store.md'],
  });
  const du = common(store.command('du').description('show what the store holds')).action(
    async (flags: StoreFlags) => {
      const { showUsage } = await import('./run-store.ts');
      await showUsage(context, flags);
    },
  );
  addNotes(du, {
    examples: [
      { about: 'A table', line: 'onebuild store du' },
      { about: 'For a script', line: 'onebuild store du --format json' },
    ],
    see: ['onebuild help store gc', 'docs/guide/store.md'],
  });
  const gc = common(store.command('gc').description('remove what was not used for the longest time'))
    .option('--keep-size <bytes>', 'keep at most this much, for example 20g')
    .option('--keep-days <days>', 'keep what was used in the last so many days')
    .option('--dry-run', 'show what would go, remove nothing')
    .action(async (flags: StoreGcFlags) => {
      const { collectGarbage } = await import('./run-store.ts');
      await collectGarbage(context, flags);
    });
  addNotes(gc, {
    text: [
      'Without --keep-size and --keep-days everything goes that no running build holds. Builds may run meanwhile.',
    ],
    examples: [
      { about: 'What would go', line: 'onebuild store gc --keep-size 20g --dry-run' },
      {
        about: 'Once a night: two weeks, and at most 50 GB',
        line: 'onebuild store gc --keep-days 14 --keep-size 50g',
      },
    ],
    see: ['onebuild help store du', 'docs/guide/store.md'],
  });
  const check = common(store.command('verify').description('check all content against its digests')).action(
    async (flags: StoreFlags) => {
      const { verify } = await import('./run-store.ts');
      await verify(context, flags);
    },
  );
  addNotes(check, {
    text: [
      'What is damaged is removed, and made or fetched again by the next build. Exits with 7 when there was any.',
    ],
    examples: [
      { about: 'After a crash of the machine', line: 'onebuild store verify' },
      { about: 'Another store, for a script', line: 'onebuild store verify --home /srv/store --format json' },
    ],
    see: ['onebuild help store', 'docs/guide/store.md'],
  });
}

function common(command: Command): Command {
  return command
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .addOption(
      new Option('--format <format>', 'form of the output').choices(['text', 'json']).default('text'),
    );
}
