import { type Clock, fault } from '@onebuild/core';
import type { AuthSource } from './auth-config.ts';
import { type AuthTable, openLogin, readAuthTable } from './auth-table.ts';
import type { Credential, CredentialSource, Purpose } from './credential-source.ts';
import { loginCommand } from './login-origin.ts';
import { keysFor, normalizeRegistryKey } from './registry-key.ts';
import { shareAnswers } from './share-answers.ts';
import { type SpawnHelper, spawnHelper } from './spawn-helper.ts';

/** A login that somebody asks for by its name. */
export interface WantedLogin {
  readonly name: string;
  /** Who wants it, for messages: `the registry main of the project`. */
  readonly wantedBy: string;
}

export interface LoginOptions {
  /** Logins that count for a registry (`host[:port]`) before those that have no name. */
  readonly wanted?: ReadonlyMap<string, readonly WantedLogin[]>;
  /** Runs helpers; for tests. */
  readonly spawn?: SpawnHelper;
  readonly clock?: Clock;
}

interface Question {
  readonly keys: readonly string[];
  readonly purpose: Purpose;
  readonly name: string | undefined;
}

/**
 * The most specific login of all sources: by name before those without one; then the longest part of the repository's path; then one
 * for the purpose before one for both; then the source that comes first. One whose helper knows nothing is passed over. Sources are
 * read at each question, so that a login made meanwhile is seen (a helper's, seconds later); the client asks once until a registry refuses.
 *
 * A name that no login has is a fault when something is pushed; who pulls may do so without.
 */
export function createLoginCredentials(
  sources: readonly AuthSource[],
  { wanted, ...options }: LoginOptions = {},
): CredentialSource {
  const spawn = shareAnswers(options.spawn ?? spawnHelper, options.clock ?? Date.now);
  return async (registry, repository, purpose) => {
    const tables = await Promise.all(sources.map(readAuthTable));
    const keys = keysFor(registry, repository);
    const host = keys.at(-1) ?? registry;
    for (const login of wanted?.get(host) ?? []) {
      const found = await findLogin(tables, { keys, purpose, name: login.name }, spawn);
      if (found !== undefined) return found;
      if (purpose === 'push') requireName(tables, host, login);
    }
    return await findLogin(tables, { keys, purpose, name: undefined }, spawn);
  };
}

async function findLogin(
  tables: readonly AuthTable[],
  { keys, purpose, name }: Question,
  spawn: SpawnHelper,
): Promise<Credential | undefined> {
  for (const registry of keys) {
    for (const use of [purpose, undefined]) {
      const key = { registry, ...(use && { purpose: use }), ...(name !== undefined && { name }) };
      for (const table of tables) {
        const found = await openLogin(table, key, spawn);
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

/** @throws REGISTRY_UNAUTHORIZED where no login of that name is for the host */
function requireName(tables: readonly AuthTable[], host: string, { name, wantedBy }: WantedLogin): void {
  const named = tables.flatMap(({ logins }) => logins).filter((login) => login.name === name);
  const hosts = named.map(({ registry }) => normalizeRegistryKey(registry).split('/', 1)[0] ?? '');
  if (hosts.includes(host)) return;
  const [other] = hosts;
  const state = other === undefined ? 'there is no such login' : `that login is for ${other}`;
  throw fault(
    'REGISTRY_UNAUTHORIZED',
    `${wantedBy} wants the login ${JSON.stringify(name)} for ${host}, and ${state}`,
    {
      hint: `Make it: \`${loginCommand({ registry: host, name })}\`; \`onebuild login --list\` shows those that there are.`,
      details: { registry: host, credential: name },
    },
  );
}
