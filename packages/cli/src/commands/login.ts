import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addRegistryFlags, type RegistryFlags } from '../flags/registry-flags.ts';

export interface LoginFlags extends RegistryFlags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
}

export function defineLogin(program: Command, context: CliContext): void {
  const command = program
    .command('login')
    .description("check a registry's credentials and keep them in Docker's config.json")
    .argument('[registry]', 'host[:port]', 'docker.io')
    .option('-u, --username <name>', 'user')
    .option(
      '-p, --password <password>',
      'password; visible to others on this machine, prefer --password-stdin',
    )
    .option('--password-stdin', 'read the password from standard input');
  addRegistryFlags(command).action(async (registry: string, flags: LoginFlags) => {
    const { login } = await import('./run-login.ts');
    await login(context, registry, flags);
  });
}

export function defineLogout(program: Command, context: CliContext): void {
  program
    .command('logout')
    .description("forget a registry's credentials")
    .argument('[registry]', 'host[:port]', 'docker.io')
    .action(async (registry: string) => {
      const { logout } = await import('./run-login.ts');
      await logout(context, registry);
    });
}
