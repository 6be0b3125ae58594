import { readAuthFile } from './auth-config.ts';
import { writeAuthEntry } from './auth-entry.ts';
import { createCredentialHelper, storedForm } from './credential-helper.ts';
import type { Credential } from './credential-source.ts';
import { DockerConfig } from './docker-config.ts';
import type { DockerConfigOptions } from './docker-config-credentials.ts';
import { normalizeRegistryKey, serverName } from './registry-key.ts';
import { spawnHelper } from './spawn-helper.ts';
import { writePrivateFile } from './write-private-file.ts';

/** Where a login went: `helper` by name, or the file, which anybody who can read it can use. */
export type LoginPlace = { readonly helper: string } | { readonly file: string };

/** Keeps a credential for a registry as `docker login` does. @throws DOCKER_CONFIG_INVALID, CREDENTIAL_HELPER, FILE_ACCESS */
export async function saveLogin(
  registry: string,
  credential: Credential,
  options: DockerConfigOptions,
): Promise<LoginPlace> {
  const config = await readAuthFile(options.path, DockerConfig);
  const key = normalizeRegistryKey(registry);
  const helper = helperFor(config, key);
  if (helper === undefined || credential.type === 'bearer') {
    await writeConfig(options.path, withAuth(config, key, writeAuthEntry(credential)));
    return { file: options.path };
  }
  const spawn = options.spawn ?? spawnHelper;
  await createCredentialHelper(helper, spawn).store(serverName(key), storedForm(credential));
  // as Docker does: an empty entry tells that the helper has one, and replaces a secret that the file had
  await writeConfig(options.path, withAuth(config, key, {}));
  return { helper };
}

/** Forgets what {@link saveLogin} kept. @returns whether the file knew of it */
export async function eraseLogin(registry: string, options: DockerConfigOptions): Promise<boolean> {
  const config = await readAuthFile(options.path, DockerConfig);
  const key = normalizeRegistryKey(registry);
  const known = Object.keys(config.auths ?? {}).some((name) => normalizeRegistryKey(name) === key);
  // a prefix is a key of the file, and nothing that helpers were told of
  const helper = key.includes('/') && !known ? undefined : helperFor(config, key);
  if (helper !== undefined) {
    await createCredentialHelper(helper, options.spawn ?? spawnHelper).erase(serverName(key));
  }
  if (known) await writeConfig(options.path, withAuth(config, key, undefined));
  return known || helper !== undefined;
}

/** Name of the helper that keeps the secrets of all registries without one of their own. @throws DOCKER_CONFIG_INVALID */
export async function defaultHelper(path: string): Promise<string | undefined> {
  return (await readAuthFile(path, DockerConfig)).credsStore || undefined;
}

function helperFor(config: DockerConfig, key: string): string | undefined {
  const own = Object.entries(config.credHelpers ?? {}).find(([name]) => normalizeRegistryKey(name) === key);
  return own?.[1] ?? config.credsStore ?? undefined;
}

/** A registry has one entry afterwards, under the name that Docker looks for, or none. */
function withAuth(
  config: DockerConfig,
  key: string,
  entry: ReturnType<typeof writeAuthEntry> | undefined,
): DockerConfig {
  const others = Object.entries(config.auths ?? {}).filter(([name]) => normalizeRegistryKey(name) !== key);
  const auths = Object.fromEntries(entry === undefined ? others : [...others, [serverName(key), entry]]);
  return { ...config, auths };
}

async function writeConfig(path: string, config: DockerConfig): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify(config, undefined, '\t')}\n`);
}
