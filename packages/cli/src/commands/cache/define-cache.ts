import { type Command, Option } from 'commander';
import type { CliContext } from '../../cli-context.ts';
import { collect } from '../../flags/collect.ts';
import { addRegistryFlags, type RegistryFlags } from '../../flags/registry-flags.ts';
import { addNotes } from '../../help/command-notes.ts';

/** Flags of all commands about caches. */
export interface CacheFlags extends RegistryFlags {
  readonly json?: boolean;
}

export interface CachePruneFlags extends CacheFlags {
  readonly maxAge?: string;
  readonly maxSize?: string;
  readonly dryRun?: boolean;
}

export interface CacheVerifyFlags extends CacheFlags {
  readonly verify: readonly string[];
  readonly fix?: boolean;
}

export interface CacheStatsFlags extends CacheFlags {
  readonly home?: string;
}

const reference = 'the cache: registry/name:tag, a folder (./cache), or what --cache-from takes';
const guide = 'docs/guide/caches.md';

export function defineCache(program: Command, context: CliContext): void {
  const cache = program
    .command('cache')
    .description('look after caches that travel: what they hold, whether they are whole, whether they pay');
  addNotes(cache, {
    text: [
      'A cache is what `onebuild build --cache-to` writes: in a registry under a tag, or in a folder. None of these commands ' +
        'stops builds that use it meanwhile.',
    ],
    examples: [
      { about: 'What it holds', line: 'onebuild cache ls reg.example.com/app:onebuild-cache' },
      { about: 'Whether it saves more time than it costs', line: 'onebuild cache stats' },
    ],
    see: ['onebuild help build         --cache-from, --cache-to', guide],
  });
  defineList(cache, context);
  definePrune(cache, context);
  defineVerify(cache, context);
  defineStats(cache, context);
}

function defineList(cache: Command, context: CliContext): void {
  const command = common(
    cache.command('ls').description('show what a cache holds').argument('<ref>', reference),
  );
  addNotes(command, {
    examples: [
      { about: 'A cache in a registry', line: 'onebuild cache ls reg.example.com/app:onebuild-cache' },
      { about: 'One in a folder, for a script', line: 'onebuild cache ls --json ./cache' },
    ],
    see: ['onebuild help cache verify', guide],
  }).action(async (ref: string, flags: CacheFlags) => {
    const { listEntries } = await import('./run-cache.ts');
    await listEntries(context, ref, flags);
  });
}

function definePrune(cache: Command, context: CliContext): void {
  const command = common(
    cache
      .command('prune')
      .description('take out of a cache what nobody used for the longest time')
      .argument('<ref>', reference)
      .option(
        '--max-age <age>',
        'keep what was used in this time, for example 30d (default without --max-size)',
      )
      .option('--max-size <bytes>', 'keep at most this much, for example 10GB')
      .option('--dry-run', 'show what would go, remove nothing'),
  );
  addNotes(command, {
    text: [
      'In a folder the room is free at once. A registry frees it when it collects its garbage: entries are gone, ' +
        'their blobs are named by nothing any more.',
    ],
    examples: [
      {
        about: 'What would go',
        line: 'onebuild cache prune reg.example.com/app:onebuild-cache --dry-run',
      },
      {
        about: 'Two weeks, and at most 10 GB',
        line: 'onebuild cache prune ./cache --max-age 14d --max-size 10GB',
      },
    ],
    see: ['onebuild help cache ls', guide],
  }).action(async (ref: string, flags: CachePruneFlags) => {
    const { prune } = await import('./run-cache.ts');
    await prune(context, ref, flags);
  });
}

function defineVerify(cache: Command, context: CliContext): void {
  const command = common(
    cache
      .command('verify')
      .description('read all that a cache holds, and check it')
      .argument('<ref>', reference)
      .addOption(
        new Option('--verify <file>', 'public key (PEM) that entries are to be signed with; may be repeated')
          .argParser(collect)
          .default([], ''),
      )
      .option('--fix', 'remove the entries that need what is damaged'),
  );
  addNotes(command, {
    text: [
      'Every blob is fetched and compared with its digest, listings with the layers that they list, layers with what ' +
        'images say of them, cache mounts with their files. Exits with 1 when something is damaged.',
    ],
    examples: [
      { about: 'Is it whole?', line: 'onebuild cache verify reg.example.com/app:onebuild-cache' },
      {
        about: 'Count what is not signed, and remove what is damaged',
        line: 'onebuild cache verify ./cache --verify cache.pub --fix',
      },
    ],
    see: ['onebuild help cache prune', guide],
  }).action(async (ref: string, flags: CacheVerifyFlags) => {
    const { verify } = await import('./run-verify.ts');
    await verify(context, ref, flags);
  });
}

function defineStats(cache: Command, context: CliContext): void {
  const command = common(
    cache
      .command('stats')
      .description('show what a cache cost and saved, over many builds')
      .argument('[ref]', `${reference}; without it, the builds of this machine`)
      .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)'),
  );
  addNotes(command, {
    text: [
      'Saved is the time that steps took where they ran, for all steps that were taken from the cache. Cost is the time to fetch, restore and write it.',
    ],
    examples: [
      { about: 'Builds of this machine', line: 'onebuild cache stats' },
      { about: 'Builds that wrote to it', line: 'onebuild cache stats reg.example.com/app:onebuild-cache' },
    ],
    see: ['onebuild explain            the last build, step by step', guide],
  }).action(async (ref: string | undefined, flags: CacheStatsFlags) => {
    const { showStats } = await import('./run-stats.ts');
    await showStats(context, ref, flags);
  });
}

function common(command: Command): Command {
  return addRegistryFlags(command.option('--json', 'print JSON'));
}
