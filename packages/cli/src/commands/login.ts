import type { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addRegistryFlags, type RegistryFlags } from '../flags/registry-flags.ts';
import { addNotes } from '../help/command-notes.ts';

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
    .option('-u, --username <name>', 'user (default: asked for)')
    .option(
      '-p, --password <password>',
      'password; others on this machine can see it, so prefer --password-stdin',
    )
    .option('--password-stdin', 'read the password from standard input');
  addNotes(addRegistryFlags(command), {
    text: [
      "The registry is asked before anything is kept. Credentials go into Docker's config.json ($DOCKER_CONFIG, else " +
        '~/.docker), or into the credential helper that it names, and are shared with Docker, Podman and others.',
    ],
    examples: [
      { about: 'Asks for user and password', line: 'onebuild login registry.example.com' },
      {
        about: 'In a script: the password comes from a file',
        line: 'onebuild login -u ci --password-stdin registry.example.com < token',
      },
      {
        about: 'A registry with a certificate of your own authority',
        line: 'onebuild login --registry-ca company-ca.pem registry.corp:5000',
      },
    ],
    see: ['onebuild help logout', 'docs/guide/registries.md'],
  }).action(async (registry: string, flags: LoginFlags) => {
    const { login } = await import('./run-login.ts');
    await login(context, registry, flags);
  });
}

export function defineLogout(program: Command, context: CliContext): void {
  const command = program
    .command('logout')
    .description("forget a registry's credentials")
    .argument('[registry]', 'host[:port]', 'docker.io')
    .action(async (registry: string) => {
      const { logout } = await import('./run-login.ts');
      await logout(context, registry);
    });
  addNotes(command, {
    examples: [
      { about: 'Docker Hub', line: 'onebuild logout' },
      { about: 'Another registry', line: 'onebuild logout registry.example.com' },
    ],
    see: ['onebuild help login', 'docs/guide/registries.md'],
  });
}
