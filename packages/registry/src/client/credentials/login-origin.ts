import { printable } from '../printable.ts';
import type { Credential, Purpose } from './credential-source.ts';
import { serverName } from './registry-key.ts';

/** What a login is for: it counts for a registry or a part of it, for one purpose or both, by its name alone where it has one. */
export interface LoginKey {
  /** `host[:port][/prefix]`, `docker.io` for Docker Hub. */
  readonly registry: string;
  readonly purpose?: Purpose;
  readonly name?: string;
}

/** Which login a credential is, in words that show no secret. */
export interface LoginOrigin extends LoginKey {
  /** `/home/ann/.docker/config.json`, `the variable DOCKER_AUTH_CONFIG`. */
  readonly place: string;
  /** Whether `onebuild login` can replace it there. */
  readonly editable: boolean;
  /** Credential helper that keeps the secret. */
  readonly helper?: string;
}

/** `the login of ann for registry.example.com/team to push (/home/ann/.config/onebuild/auth.json)` */
export function describeLogin(credential: Credential): string {
  const account = credential.type === 'password' ? ` of ${printable(credential.username)}` : '';
  const { origin } = credential;
  if (origin === undefined) return account === '' ? 'the token' : `the credentials${account}`;
  const { name, purpose, helper } = origin;
  const called = name === undefined ? '' : ` ${JSON.stringify(printable(name))}`;
  const use = purpose === undefined ? '' : ` to ${purpose}`;
  const keeper = helper === undefined ? '' : `, credential helper ${printable(helper)}`;
  return `the login${called}${account} for ${printable(origin.registry)}${use} (${origin.place}${keeper})`;
}

/** The command that makes a login anew: `onebuild login registry.example.com/team --purpose push`. */
export function loginCommand({ registry, purpose, name }: LoginKey): string {
  const target = registry === 'docker.io' ? '' : ` ${printable(registry)}`;
  return [
    `onebuild login${target}`,
    ...(purpose === undefined ? [] : [`--purpose ${purpose}`]),
    ...(name === undefined ? [] : [`--name ${printable(name)}`]),
  ].join(' ');
}

/** What to do about a login that is not accepted; `registry`: for credentials of unknown origin. */
export function loginHint(credential: Credential, registry: string): string {
  const { origin } = credential;
  if (origin !== undefined && !origin.editable) return `Correct ${origin.place}.`;
  return `Check user and password, then log in again: \`${loginCommand(origin ?? { registry })}\`.`;
}

/**
 * How a login is called for credential helpers: Docker's name of the registry where Docker would ask for it, too, else an address that
 * differs in its path, for helpers tell addresses apart by host and path. `-` is no part of a repository's name.
 */
export function helperServer({ registry, purpose, name }: LoginKey): string {
  if (purpose === undefined && name === undefined) return serverName(registry);
  return `https://${[registry, '-', purpose ?? 'any', ...(name === undefined ? [] : [name])].join('/')}`;
}
