import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addNotes } from '../help/command-notes.ts';

export interface RegistryServeFlags {
  readonly listen: string;
  readonly root?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly users?: string;
  readonly home?: string;
  readonly quiet?: boolean;
}

export interface RegistryGcFlags {
  readonly root?: string;
  readonly home?: string;
  readonly dryRun?: boolean;
  readonly untagged?: boolean;
  readonly keepHours: string;
}

export interface RegistryUserFlags {
  readonly passwordStdin?: boolean;
}

export function defineRegistry(program: Command, context: CliContext): void {
  const registry = program
    .command('registry')
    .description('the registry that is built in: serve a folder, clean it up, make users');
  addNotes(registry, {
    examples: [
      { about: 'A registry for this machine', line: 'onebuild registry serve' },
      { about: 'Push something to it', line: 'onebuild build -t localhost:5000/app --push .' },
    ],
    see: ['docs/registry.md'],
  });
  const serving = registry
    .command('serve')
    .description('serve a folder as an OCI registry until stopped')
    .addOption(
      new Option(
        '--listen <host:port>',
        'where to listen; port 0 takes a free one, :PORT means all addresses',
      ).default('127.0.0.1:5000'),
    )
    .option('--root <folder>', "folder of the registry (default: registry in the store's folder)")
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'private key, PEM')
    .option('--users <file>', 'ask for passwords; lines of the file come from onebuild registry user')
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .option('-q, --quiet', 'log errors only')
    .action(async (flags: RegistryServeFlags) => {
      const { serve } = await import('./run-registry.ts');
      await serve(context, flags);
    });
  addNotes(serving, {
    text: ['Speaks the OCI distribution specification 1.1. Ctrl-C lets running requests end.'],
    examples: [
      { about: 'For this machine alone, with plain HTTP', line: 'onebuild registry serve --root ./registry' },
      {
        about: 'For everybody, with TLS; add --users FILE for passwords',
        line: 'onebuild registry serve --listen :443 --tls-cert c.pem --tls-key k.pem',
      },
    ],
    see: ['onebuild help registry user', 'docs/registry.md'],
  });
  const collecting = registry
    .command('gc')
    .description('remove blobs and manifests that nothing points at')
    .option('--root <folder>', "folder of the registry (default: registry in the store's folder)")
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .option('--untagged', 'remove manifests that no tag leads to as well')
    .addOption(
      new Option(
        '--keep-hours <hours>',
        'keep what was pushed or asked for in the last so many hours',
      ).default('24'),
    )
    .option('--dry-run', 'show what would go, remove nothing')
    .action(async (flags: RegistryGcFlags) => {
      const { collect } = await import('./run-registry.ts');
      await collect(context, flags);
    });
  addNotes(collecting, {
    text: ['May run while the registry serves.'],
    examples: [
      { about: 'What would go', line: 'onebuild registry gc --root ./registry --dry-run' },
      {
        about: 'Manifests without a tag as well, at once',
        line: 'onebuild registry gc --root ./registry --untagged --keep-hours 0',
      },
    ],
    see: ['onebuild help registry serve', 'docs/registry.md'],
  });
  const user = registry
    .command('user')
    .description('make a user: print a line for the file of --users')
    .argument('<name>', 'user')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, flags: RegistryUserFlags) => {
      const { printUser } = await import('./run-registry.ts');
      await printUser(context, name, flags);
    });
  addNotes(user, {
    examples: [
      { about: 'Asks for the password', line: 'onebuild registry user ann >> users' },
      { about: 'In a script', line: 'onebuild registry user ci --password-stdin < token >> users' },
    ],
    see: ['onebuild help registry serve', 'docs/registry.md'],
  });
}
