import type { AuthSource, Login } from './auth-config.ts';
import { readAuthEntry } from './auth-entry.ts';
import { createCredentialHelper } from './credential-helper.ts';
import type { Credential } from './credential-source.ts';
import type { DockerAuth } from './docker-config.ts';
import type { LoginKey, LoginOrigin } from './login-origin.ts';
import { normalizeRegistryKey, serverName } from './registry-key.ts';
import type { SpawnHelper } from './spawn-helper.ts';

/** A source's logins by what they are for; nothing is opened yet. */
export interface AuthTable {
  readonly source: AuthSource;
  readonly logins: readonly Login[];
  readonly auths: ReadonlyMap<string, DockerAuth | null | undefined>;
  readonly helpers: ReadonlyMap<string, string>;
  readonly store: string | undefined;
}

/** @throws DOCKER_CONFIG_INVALID */
export async function readAuthTable(source: AuthSource): Promise<AuthTable> {
  const { logins, auths, credHelpers, credsStore } = await source.read();
  return {
    source,
    logins: logins ?? [],
    auths: byNormalKey(auths),
    helpers: byNormalKey(credHelpers),
    store: credsStore || undefined,
  };
}

/** The login that is for exactly `key`; for what Docker knows, its helper, then the file. `credsStore` is asked for hosts. */
export async function openLogin(
  table: AuthTable,
  key: LoginKey,
  spawn: SpawnHelper,
): Promise<Credential | undefined> {
  for (const login of table.logins) {
    if (!isFor(login, key)) continue;
    const found = await readLogin(table, { login, key }, spawn);
    if (found !== undefined) return found;
  }
  if (key.purpose !== undefined || key.name !== undefined) return undefined;
  return await openDockerLogin(table, key.registry, spawn);
}

export function isFor(login: Login, { registry, purpose, name }: LoginKey): boolean {
  return (
    (login.name ?? undefined) === name &&
    (login.purpose ?? undefined) === purpose &&
    normalizeRegistryKey(login.registry) === registry
  );
}

async function readLogin(
  { source }: AuthTable,
  { login, key }: { readonly login: Login; readonly key: LoginKey },
  spawn: SpawnHelper,
): Promise<Credential | undefined> {
  const origin = originOf(source, key);
  if (!login.helper) return withOrigin(readAuthEntry(login), origin);
  const server = login.server ?? serverName(key.registry);
  const found = await createCredentialHelper(login.helper, spawn).get(server);
  return withOrigin(found, { ...origin, helper: login.helper });
}

async function openDockerLogin(
  { source, auths, helpers, store }: AuthTable,
  registry: string,
  spawn: SpawnHelper,
): Promise<Credential | undefined> {
  const origin = originOf(source, { registry });
  const helper = helpers.get(registry) ?? (registry.includes('/') ? undefined : store);
  if (helper !== undefined) {
    const found = await createCredentialHelper(helper, spawn).get(serverName(registry));
    if (found !== undefined) return withOrigin(found, { ...origin, helper });
  }
  return withOrigin(readAuthEntry(auths.get(registry)), origin);
}

function originOf({ place, editable }: AuthSource, key: LoginKey): LoginOrigin {
  return { ...key, place, editable };
}

function withOrigin(credential: Credential | undefined, origin: LoginOrigin): Credential | undefined {
  return credential && { ...credential, origin };
}

/** Written in several ways, the same key counts as it is last. */
function byNormalKey<T>(entries: Readonly<Record<string, T>> | null | undefined): ReadonlyMap<string, T> {
  return new Map(Object.entries(entries ?? {}).map(([key, value]) => [normalizeRegistryKey(key), value]));
}
