import { randomUUID } from 'node:crypto';
import { mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { fault, registerSecret } from '@onebuild/core';
import { writeAuthEntry } from './auth-entry.ts';
import { createCredentialHelper } from './credential-helper.ts';
import type { Credential } from './credential-source.ts';
import { type DockerConfig, readDockerConfig } from './docker-config.ts';
import type { DockerConfigOptions } from './docker-config-credentials.ts';
import { normalizeRegistryKey, serverName } from './registry-key.ts';
import { spawnHelper } from './spawn-helper.ts';

/** Where a login went: `helper` by name, or the file, which anybody who can read it can use. */
export type LoginPlace = { readonly helper: string } | { readonly file: string };

/** Keeps a credential for a registry as `docker login` does. @throws DOCKER_CONFIG_INVALID, CREDENTIAL_HELPER, FILE_ACCESS */
export async function saveLogin(
  registry: string,
  credential: Credential,
  options: DockerConfigOptions,
): Promise<LoginPlace> {
  const config = await readDockerConfig(options.path);
  const key = normalizeRegistryKey(registry);
  const helper = helperFor(config, key);
  if (helper === undefined || credential.type === 'bearer') {
    await writeConfig(options.path, withAuth(config, key, writeAuthEntry(credential)));
    return { file: options.path };
  }
  const stored =
    credential.type === 'password'
      ? { username: credential.username, secret: credential.password }
      : { username: '<token>', secret: credential.token };
  registerSecret(stored.secret);
  await createCredentialHelper(helper, options.spawn ?? spawnHelper).store(serverName(key), stored);
  // as Docker does: an empty entry tells that the helper has one, and replaces a secret that the file had
  await writeConfig(options.path, withAuth(config, key, {}));
  return { helper };
}

/** Forgets what {@link saveLogin} kept. @returns whether the file knew of it */
export async function eraseLogin(registry: string, options: DockerConfigOptions): Promise<boolean> {
  const config = await readDockerConfig(options.path);
  const key = normalizeRegistryKey(registry);
  const helper = helperFor(config, key);
  if (helper !== undefined) {
    await createCredentialHelper(helper, options.spawn ?? spawnHelper).erase(serverName(key));
  }
  const known = Object.keys(config.auths ?? {}).some((name) => normalizeRegistryKey(name) === key);
  if (known) await writeConfig(options.path, withAuth(config, key, undefined));
  return known || helper !== undefined;
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

/** Atomically, readable by its owner alone, through a symbolic link to the file that it names. */
async function writeConfig(path: string, config: DockerConfig): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const target = await realpath(path).catch(() => path);
    const temporary = `${target}.${randomUUID()}`;
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(config, undefined, '\t')}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (cause) {
    throw fault('FILE_ACCESS', `cannot write ${path}`, { cause });
  }
}
