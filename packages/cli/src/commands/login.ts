import type { Purpose } from '@onebuild/registry/client';
import { type Command, Option } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { addRegistryFlags, type RegistryFlags } from '../flags/registry-flags.ts';
import { addNotes } from '../help/command-notes.ts';

/** Which of a registry's logins is meant. */
export interface LogoutFlags {
  readonly purpose?: Purpose;
  readonly name?: string;
}

export interface LoginFlags extends RegistryFlags, LogoutFlags {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: boolean;
  readonly list?: boolean;
  readonly format: 'text' | 'json';
}

const target = 'host[:port], or a part of it: host/team';

export function defineLogin(program: Command, context: CliContext): void {
  const command = program
    .command('login')
    .description("check a registry's credentials and keep them")
    .argument('[registry]', target, 'docker.io')
    .option('-u, --username <name>', 'user (default: asked for)')
    .option(
      '-p, --password <password>',
      'password; others on this machine can see it, so prefer --password-stdin',
    )
    .option('--password-stdin', 'read the password from standard input');
  addKeyFlags(command)
    .option('--list', 'show the logins that there are, without their passwords')
    .addOption(new Option('--format <format>', 'form of --list').choices(['text', 'json']).default('text'));
  addNotes(addRegistryFlags(command), {
    text: [
      'The registry is asked before anything is kept. The most precise login counts: that of the longest part of the ' +
        "repository's path, then one for the purpose (pull or push), then one for both.",
      "A login for a whole registry goes into Docker's config.json ($DOCKER_CONFIG, else ~/.docker), and is shared with " +
        'Docker, Podman and others. One for a part, a purpose or with a name goes into ~/.config/onebuild/auth.json. ' +
        'Where config.json names a credential store (credsStore), that keeps the secrets of both.',
    ],
    environment: {
      ONEBUILD_CONFIG: 'folder of auth.json',
      ONEBUILD_AUTH_CONFIG: 'logins for CI: the text of an auth.json, or its path',
      DOCKER_AUTH_CONFIG: 'the same with the text of a config.json, as in GitLab',
    },
    examples: [
      { about: 'Asks for user and password', line: 'onebuild login registry.example.com' },
      {
        about: 'In a script: the password comes from a file',
        line: 'onebuild login -u ci --password-stdin registry.example.com < token',
      },
      {
        about: 'Another account for pushes to one team',
        line: 'onebuild login registry.example.com/team --purpose push -u robot',
      },
      {
        about: 'For `credential: harbor-push` in onebuild.yaml',
        line: 'onebuild login harbor.example.com --name harbor-push',
      },
      {
        about: 'A registry with a certificate of your own authority',
        line: 'onebuild login --registry-ca company-ca.pem registry.corp:5000',
      },
      { about: 'Which logins there are', line: 'onebuild login --list' },
    ],
    see: ['onebuild help logout', 'docs/guide/registries.md'],
  }).action(async (registry: string, flags: LoginFlags) => {
    const { login, showLogins } = await import('./run-login.ts');
    if (flags.list === true) await showLogins(context, flags);
    else await login(context, registry, flags);
  });
}

export function defineLogout(program: Command, context: CliContext): void {
  const command = program
    .command('logout')
    .description('forget a login')
    .argument('[registry]', target, 'docker.io');
  addKeyFlags(command).action(async (registry: string, flags: LogoutFlags) => {
    const { logout } = await import('./run-login.ts');
    await logout(context, registry, flags);
  });
  addNotes(command, {
    text: ['Forgets one login: name what it was made for. `onebuild login --list` shows all.'],
    examples: [
      { about: 'Docker Hub', line: 'onebuild logout' },
      { about: 'Another registry', line: 'onebuild logout registry.example.com' },
      {
        about: 'The account for pushes to one team',
        line: 'onebuild logout registry.example.com/team --purpose push',
      },
    ],
    see: ['onebuild help login', 'docs/guide/registries.md'],
  });
}

function addKeyFlags(command: Command): Command {
  return command
    .addOption(
      new Option('--purpose <purpose>', 'of the login: for one purpose alone (default: for both)').choices([
        'pull',
        'push',
      ]),
    )
    .option('--name <name>', 'of the login: used only where a project file says `credential: NAME`');
}
