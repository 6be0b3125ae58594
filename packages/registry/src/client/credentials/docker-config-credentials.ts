import { readAuthEntry } from './auth-entry.ts';
import { createCredentialHelper } from './credential-helper.ts';
import type { Credential, CredentialSource } from './credential-source.ts';
import { type DockerConfig, readDockerConfig } from './docker-config.ts';
import { keysFor, normalizeRegistryKey, serverName } from './registry-key.ts';
import { type SpawnHelper, spawnHelper } from './spawn-helper.ts';

export interface DockerConfigOptions {
  /** `~/.docker/config.json`, or containers' `auth.json`. */
  readonly path: string;
  /** Runs helpers; for tests. */
  readonly spawn?: SpawnHelper;
}

/**
 * Credentials as Docker and containers-auth.json(5) keep them. For a repository, the most precise key counts; for one
 * key, its helper, then the file. `credsStore` is asked for hosts. The file is read at each question, so that a login
 * elsewhere is seen; a registry is asked about once per answer that it refuses.
 */
export function createDockerConfigCredentials(options: DockerConfigOptions): CredentialSource {
  const spawn = options.spawn ?? spawnHelper;
  return async (registry, repository) => {
    const config = await readDockerConfig(options.path);
    return await findCredential(config, keysFor(registry, repository), spawn);
  };
}

async function findCredential(
  config: DockerConfig,
  keys: readonly string[],
  spawn: SpawnHelper,
): Promise<Credential | undefined> {
  const helpers = byNormalKey(config.credHelpers);
  const auths = byNormalKey(config.auths);
  for (const key of keys) {
    const helper = helpers.get(key);
    if (helper !== undefined) {
      const found = await createCredentialHelper(helper, spawn).get(serverName(key));
      if (found !== undefined) return found;
    }
    const host = !key.includes('/');
    if (host && helper === undefined && config.credsStore) {
      const found = await createCredentialHelper(config.credsStore, spawn).get(serverName(key));
      if (found !== undefined) return found;
    }
    const entry = readAuthEntry(auths.get(key));
    if (entry !== undefined) return entry;
  }
  return undefined;
}

/** Written in several ways, the same key counts as it is last. */
function byNormalKey<T>(entries: Readonly<Record<string, T>> | null | undefined): ReadonlyMap<string, T> {
  return new Map(Object.entries(entries ?? {}).map(([key, value]) => [normalizeRegistryKey(key), value]));
}
