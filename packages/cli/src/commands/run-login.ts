import { fault } from '@onebuild/core';
import { type Credential, checkLogin, eraseLogin, saveLogin } from '@onebuild/registry/client';
import type { CliContext } from '../cli-context.ts';
import { readLine } from '../read-line.ts';
import { readPassword } from '../read-password.ts';
import { createClientOptions, findDockerConfig } from '../settings/create-client.ts';
import type { LoginFlags } from './login.ts';

/** Asks the registry whether it takes the credentials, then keeps them where Docker would. */
export async function login(context: CliContext, registry: string, flags: LoginFlags): Promise<void> {
  const host = hostOf(registry);
  const path = configPath(context);
  const options = await createClientOptions(context, flags);
  const credential = await askCredential(context, flags);
  await checkLogin(host, { ...options, credentials: async () => credential }, { signal: context.signal });
  const place = await saveLogin(host, credential, { path });
  const where = 'helper' in place ? `the credential helper ${place.helper}` : place.file;
  context.stdout.write(`Logged in to ${host}; kept in ${where}.\n`);
}

export async function logout(context: CliContext, registry: string): Promise<void> {
  const host = hostOf(registry);
  const was = await eraseLogin(host, { path: configPath(context) });
  context.stdout.write(was ? `Logged out of ${host}.\n` : `There was no login to ${host}.\n`);
}

async function askCredential(context: CliContext, flags: LoginFlags): Promise<Credential> {
  if (flags.passwordStdin === true && flags.password !== undefined) {
    throw fault('USAGE', '--password and --password-stdin exclude each other');
  }
  if (flags.passwordStdin === true && flags.username === undefined) {
    throw fault('USAGE', '--password-stdin needs --username');
  }
  const username = flags.username ?? (await readLine(context, 'Username: '));
  const password =
    flags.password ?? (await readPassword(context, { fromStdin: flags.passwordStdin === true }));
  return { type: 'password', username, password };
}

/** What people write: `https://host/`, `host`, Docker Hub's old address. */
function hostOf(text: string): string {
  const host = text.replace(/^https?:\/\//i, '').replace(/\/.*$/, '');
  if (!/^[\w.:[\]-]+$/.test(host))
    throw fault('USAGE', `${JSON.stringify(text)} is not a registry's host`, {
      hint: 'Write it as HOST or HOST:PORT, without a path.',
    });
  return ['index.docker.io', 'registry-1.docker.io'].includes(host) ? 'docker.io' : host;
}

function configPath(context: CliContext): string {
  const path = findDockerConfig(context);
  if (path !== undefined) return path;
  throw fault('USAGE', 'there is no home folder to keep the login in', {
    hint: 'Set DOCKER_CONFIG or HOME.',
  });
}
