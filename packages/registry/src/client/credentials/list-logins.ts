import type { AuthSource } from './auth-config.ts';
import { readAuthEntry } from './auth-entry.ts';
import { readAuthTable } from './auth-table.ts';
import type { DockerAuth } from './docker-config.ts';
import type { LoginOrigin } from './login-origin.ts';
import { normalizeRegistryKey } from './registry-key.ts';

/** A login that is kept somewhere; never its secret. */
export interface ListedLogin extends LoginOrigin {
  /** Undefined for tokens, and where a helper alone knows. */
  readonly account?: string;
}

/** All logins of the sources, in the order in which they count for one key. Helpers are not run. @throws DOCKER_CONFIG_INVALID */
export async function listLogins(sources: readonly AuthSource[]): Promise<readonly ListedLogin[]> {
  return (await Promise.all(sources.map(loginsOf))).flat();
}

async function loginsOf(source: AuthSource): Promise<readonly ListedLogin[]> {
  const { logins, auths, helpers, store } = await readAuthTable(source);
  const at = { place: source.place, editable: source.editable };
  const own = logins.map(
    (login): ListedLogin => ({
      registry: normalizeRegistryKey(login.registry),
      ...(login.purpose && { purpose: login.purpose }),
      ...(login.name && { name: login.name }),
      ...accountOf(login),
      ...(login.helper && { helper: login.helper }),
      ...at,
    }),
  );
  const docker = [...new Set([...auths.keys(), ...helpers.keys()])].map((registry): ListedLogin => {
    const entry = auths.get(registry);
    const host = !registry.includes('/');
    const helper = helpers.get(registry) ?? (host && !hasSecret(entry) ? store : undefined);
    return { registry, ...accountOf(entry), ...(helper !== undefined && { helper }), ...at };
  });
  return [...own, ...docker];
}

function hasSecret(entry: DockerAuth | null | undefined): boolean {
  return readAuthEntry(entry) !== undefined;
}

function accountOf(entry: DockerAuth | null | undefined): { readonly account?: string } {
  const found = readAuthEntry(entry);
  if (found?.type === 'password') return { account: found.username };
  return entry?.username ? { account: entry.username } : {};
}
