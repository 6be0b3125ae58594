import { AuthConfig, type Login, readAuthFile } from './auth-config.ts';
import { writeAuthEntry } from './auth-entry.ts';
import { isFor } from './auth-table.ts';
import { createCredentialHelper, storedForm } from './credential-helper.ts';
import type { Credential } from './credential-source.ts';
import type { LoginPlace } from './docker-login.ts';
import { helperServer, type LoginKey } from './login-origin.ts';
import { type SpawnHelper, spawnHelper } from './spawn-helper.ts';
import { writePrivateFile } from './write-private-file.ts';

export interface OwnLoginOptions {
  /** `~/.config/onebuild/auth.json` */
  readonly path: string;
  /** Credential helper for new secrets where the file's own `credsStore` names none. */
  readonly store?: string | undefined;
  /** Runs helpers; for tests. */
  readonly spawn?: SpawnHelper;
}

/**
 * Keeps a login that Docker's file has no place for: of a part of a registry, for a purpose, by a name. Replaces one for the same.
 * @throws DOCKER_CONFIG_INVALID, CREDENTIAL_HELPER, FILE_ACCESS
 */
export async function saveOwnLogin(
  key: LoginKey,
  credential: Credential,
  options: OwnLoginOptions,
): Promise<LoginPlace> {
  const config = await readAuthFile(options.path, AuthConfig);
  const helper = config.credsStore || options.store;
  const others = (config.logins ?? []).filter((login) => !isFor(login, key));
  const write = (secret: Partial<Login>) =>
    writeLogins(options.path, config, [...others, { ...key, ...secret }]);
  if (!helper || credential.type === 'bearer') {
    await write(writeAuthEntry(credential));
    return { file: options.path };
  }
  const server = helperServer(key);
  const stored = storedForm(credential);
  await createCredentialHelper(helper, options.spawn ?? spawnHelper).store(server, stored);
  await write({ ...(credential.type === 'password' && { username: stored.username }), helper, server });
  return { helper };
}

/** Forgets what {@link saveOwnLogin} kept. @returns whether there was one */
export async function eraseOwnLogin(key: LoginKey, options: OwnLoginOptions): Promise<boolean> {
  const config = await readAuthFile(options.path, AuthConfig);
  const gone = (config.logins ?? []).filter((login) => isFor(login, key));
  if (gone.length === 0) return false;
  for (const { helper, server } of gone) {
    // one that is called as Docker calls it is not ours to forget
    if (!helper || !server) continue;
    await createCredentialHelper(helper, options.spawn ?? spawnHelper).erase(server);
  }
  const rest = (config.logins ?? []).filter((login) => !gone.includes(login));
  await writeLogins(options.path, config, rest);
  return true;
}

async function writeLogins(path: string, config: AuthConfig, logins: readonly Login[]): Promise<void> {
  await writePrivateFile(path, `${JSON.stringify({ ...config, logins }, undefined, '\t')}\n`);
}
