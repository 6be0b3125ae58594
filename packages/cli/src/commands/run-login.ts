import { fault } from '@onebuild/core';
import {
  type Credential,
  checkLogin,
  defaultHelper,
  eraseLogin,
  eraseOwnLogin,
  type ListedLogin,
  type LoginKey,
  type LoginPlace,
  listLogins,
  saveLogin,
  saveOwnLogin,
} from '@onebuild/registry/client';
import type { CliContext } from '../cli-context.ts';
import { readLine } from '../read-line.ts';
import { readPassword } from '../read-password.ts';
import { createClientOptions } from '../settings/create-client.ts';
import { findAuthSources, findDockerConfig, findOwnAuthFile } from '../settings/find-auth-sources.ts';
import { formatLogins } from './format-logins.ts';
import type { LoginFlags, LogoutFlags } from './login.ts';
import { parseLoginKey } from './parse-login-key.ts';

/** Asks the registry whether it takes the credentials, then keeps them. */
export async function login(context: CliContext, registry: string, flags: LoginFlags): Promise<void> {
  const key = parseLoginKey(registry, flags);
  const host = hostOf(key);
  const save = await findPlace(context, key);
  const options = await createClientOptions(context, flags);
  const credential = await askCredential(context, flags);
  await checkLogin(host, { ...options, credentials: async () => credential }, { signal: context.signal });
  const place = await save(credential);
  const where = 'helper' in place ? `the credential helper ${place.helper}` : place.file;
  context.stdout.write(`Logged in to ${describe(key)}; kept in ${where}.\n`);
  const first = (await loginsOf(context)).find((one) => !one.editable && describe(one) === describe(key));
  if (first !== undefined) context.stderr.write(`The login in ${first.place} counts before it.\n`);
}

export async function logout(context: CliContext, registry: string, flags: LogoutFlags): Promise<void> {
  const key = parseLoginKey(registry, flags);
  const own = isDockers(key) ? undefined : ownPath(context);
  const docker = key.purpose === undefined && key.name === undefined ? dockerPath(context) : undefined;
  const wasOwn = own !== undefined && (await eraseOwnLogin(key, { path: own }));
  const wasDockers = docker !== undefined && (await eraseLogin(key.registry, { path: docker }));
  const was = wasOwn || wasDockers;
  context.stdout.write(
    was ? `Logged out of ${describe(key)}.\n` : `There was no login to ${describe(key)}.\n`,
  );
  const host = hostOf(key);
  const others = (await loginsOf(context)).filter((one) => hostOf(one) === host);
  if (others.length > 0) {
    context.stderr.write(`Other logins to ${host} are kept: \`onebuild login --list\` shows them.\n`);
  }
}

/** What logins there are, without their secrets. */
export async function showLogins(context: CliContext, flags: LoginFlags): Promise<void> {
  context.stdout.write(formatLogins(await loginsOf(context), flags.format));
}

async function loginsOf(context: CliContext): Promise<readonly ListedLogin[]> {
  return await listLogins(await findAuthSources(context));
}

function hostOf({ registry }: LoginKey): string {
  return registry.split('/', 1)[0] ?? '';
}

/** Plain logins are kept where Docker and others find them, too. */
async function findPlace(
  context: CliContext,
  key: LoginKey,
): Promise<(credential: Credential) => Promise<LoginPlace>> {
  if (isDockers(key)) {
    const path = dockerPath(context);
    return (credential) => saveLogin(key.registry, credential, { path });
  }
  const path = ownPath(context);
  const docker = findDockerConfig(context);
  const store = docker && (await defaultHelper(docker));
  return (credential) => saveOwnLogin(key, credential, { path, store });
}

/** Docker would take a login for a part of a registry for one of the whole. */
function isDockers({ registry, purpose, name }: LoginKey): boolean {
  return !registry.includes('/') && purpose === undefined && name === undefined;
}

function describe({ registry, purpose, name }: LoginKey): string {
  return [registry, ...(purpose ? [`to ${purpose}`] : []), ...(name ? [`as ${name}`] : [])].join(' ');
}

async function askCredential(context: CliContext, flags: LoginFlags): Promise<Credential> {
  if (flags.passwordStdin === true && flags.password !== undefined) {
    throw fault('USAGE', '--password and --password-stdin exclude each other');
  }
  if (flags.passwordStdin === true && flags.username === undefined) {
    throw fault('USAGE', '--password-stdin needs --username');
  }
  const username = flags.username ?? (await readLine(context, 'Username: '));
  if (username === '') throw fault('USAGE', 'the user name is empty');
  const password =
    flags.password ?? (await readPassword(context, { fromStdin: flags.passwordStdin === true }));
  return { type: 'password', username, password };
}

function dockerPath(context: CliContext): string {
  return findDockerConfig(context) ?? noHome('DOCKER_CONFIG');
}

function ownPath(context: CliContext): string {
  return findOwnAuthFile(context) ?? noHome('ONEBUILD_CONFIG');
}

function noHome(variable: string): never {
  throw fault('USAGE', 'there is no home folder to keep the login in', {
    hint: `Set ${variable} or HOME.`,
  });
}
