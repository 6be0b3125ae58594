import { fault, registerSecret } from '@onebuild/core';
import * as v from 'valibot';
import type { Credential } from './credential-source.ts';
import type { HelperResult, SpawnHelper } from './spawn-helper.ts';

/** docker-credential-helpers: what `get` prints. */
const HelperAnswer = v.object({ Username: v.nullish(v.string(), ''), Secret: v.nullish(v.string(), '') });

/** Username that marks an identity token. */
const tokenUser = '<token>';

/** A program `docker-credential-NAME` (github.com/docker/docker-credential-helpers). */
export interface CredentialHelper {
  /** Undefined where it has none for the server. */
  get(server: string): Promise<Credential | undefined>;
  store(server: string, credential: { readonly username: string; readonly secret: string }): Promise<void>;
  /** Also succeeds where there was none. */
  erase(server: string): Promise<void>;
}

/** How a credential is handed to a helper. */
export function storedForm(credential: Exclude<Credential, { type: 'bearer' }>): {
  readonly username: string;
  readonly secret: string;
} {
  return credential.type === 'password'
    ? { username: credential.username, secret: credential.password }
    : { username: tokenUser, secret: credential.token };
}

/** @throws CREDENTIAL_HELPER, from every call, when the helper fails */
export function createCredentialHelper(name: string, spawn: SpawnHelper): CredentialHelper {
  // a name is part of a file name that is looked up on the PATH, and nothing else
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(name)) {
    throw fault(
      'CREDENTIAL_HELPER',
      `${JSON.stringify(name.slice(0, 80))} is not a name of a credential helper`,
    );
  }
  const program = `docker-credential-${name}`;
  return {
    async get(server) {
      const result = await spawn(program, 'get', `${server}\n`);
      if (result.code === 0) return parseAnswer(result, `${program} get`);
      if (saysNotFound(result)) return undefined;
      throw helperFault(`${program} get`, result);
    },
    async store(server, { username, secret }) {
      registerSecret(secret);
      const input = JSON.stringify({ ServerURL: server, Username: username, Secret: secret });
      const result = await spawn(program, 'store', input);
      if (result.code !== 0) throw helperFault(`${program} store`, result);
    },
    async erase(server) {
      const result = await spawn(program, 'erase', `${server}\n`);
      if (result.code !== 0 && !saysNotFound(result)) throw helperFault(`${program} erase`, result);
    },
  };
}

function parseAnswer(result: HelperResult, what: string): Credential | undefined {
  const answer = v.safeParse(HelperAnswer, parseJson(result.stdout));
  if (!answer.success) throw fault('CREDENTIAL_HELPER', `${what}: its answer is not in the agreed form`);
  const { Username: username, Secret: secret } = answer.output;
  registerSecret(secret ?? '');
  if (!secret) return undefined;
  if (username === tokenUser) return { type: 'identity-token', token: secret };
  return { type: 'password', username: username ?? '', password: secret };
}

function saysNotFound({ stdout, stderr }: HelperResult): boolean {
  return /credentials not found/i.test(`${stdout}\n${stderr}`);
}

function helperFault(what: string, { code, stdout, stderr }: HelperResult) {
  const said =
    (stderr.trim() || stdout.trim()).split('\n', 1)[0]?.replace(/\p{C}/gu, ' ').slice(0, 300) ?? '';
  return fault('CREDENTIAL_HELPER', `${what} ended with ${code}${said === '' ? '' : `: ${said}`}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
