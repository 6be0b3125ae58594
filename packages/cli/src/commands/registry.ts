import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';

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
  const registry = program.command('registry').description('the embedded registry');
  registry
    .command('serve')
    .description('serve a folder as an OCI registry until stopped')
    .addOption(
      new Option('--listen <host:port>', 'address; port 0 takes a free one').default('127.0.0.1:5000'),
    )
    .option('--root <folder>', "folder of the registry (default: registry in the store's folder)")
    .option('--tls-cert <file>', 'certificate chain, PEM')
    .option('--tls-key <file>', 'private key, PEM')
    .option('--users <file>', 'ask for a password; lines of the file come from onebuild registry user')
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .option('-q, --quiet', 'log nothing but faults')
    .action(async (flags: RegistryServeFlags) => {
      const { serve } = await import('./run-registry.ts');
      await serve(context, flags);
    });
  registry
    .command('gc')
    .description('remove blobs and manifests that nothing points at')
    .option('--root <folder>', "folder of the registry (default: registry in the store's folder)")
    .option('--home <folder>', 'folder of the store (default: ONEBUILD_HOME)')
    .option('--untagged', 'remove manifests that no tag leads to, too')
    .addOption(
      new Option('--keep-hours <hours>', 'keep what was pushed or asked for in so many hours').default('24'),
    )
    .option('--dry-run', 'only show what would go')
    .action(async (flags: RegistryGcFlags) => {
      const { collect } = await import('./run-registry.ts');
      await collect(context, flags);
    });
  registry
    .command('user')
    .description('print a line for the file of --users')
    .argument('<name>', 'user')
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name: string, flags: RegistryUserFlags) => {
      const { printUser } = await import('./run-registry.ts');
      await printUser(context, name, flags);
    });
}
