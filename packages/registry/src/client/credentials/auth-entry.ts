import { registerSecret } from '@onebuild/core';
import type { Credential } from './credential-source.ts';
import type { DockerAuth } from './docker-config.ts';

/** The credential in an entry of `auths`; undefined where it holds none. */
export function readAuthEntry(entry: DockerAuth | null | undefined): Credential | undefined {
  if (entry === null || entry === undefined) return undefined;
  const found = readFields(entry);
  if (found === undefined) return undefined;
  registerSecret(found.type === 'password' ? found.password : found.token);
  // as it is written, it is as good as the password
  if (entry.auth) registerSecret(entry.auth);
  return found;
}

function readFields(entry: DockerAuth): Credential | undefined {
  if (entry.registrytoken) return { type: 'bearer', token: entry.registrytoken };
  if (entry.identitytoken) return { type: 'identity-token', token: entry.identitytoken };
  if (entry.auth) return readBase64(entry.auth);
  if (!entry.username || !entry.password) return undefined;
  return { type: 'password', username: entry.username, password: entry.password };
}

/** Base64 of `user:password`; old versions of Docker end it with NUL bytes. */
function readBase64(text: string): Credential | undefined {
  const decoded = Buffer.from(text, 'base64').toString('utf8').replace(/\0+$/, '');
  const cut = decoded.indexOf(':');
  if (cut <= 0 || cut === decoded.length - 1) return undefined;
  return { type: 'password', username: decoded.slice(0, cut), password: decoded.slice(cut + 1) };
}

/** What an entry of `auths` says for a credential. */
export function writeAuthEntry(credential: Credential): DockerAuth {
  if (credential.type === 'bearer') return { registrytoken: credential.token };
  // Docker wants a user beside the token, and any will do
  if (credential.type === 'identity-token')
    return { auth: encode('<token>:'), identitytoken: credential.token };
  return { auth: encode(`${credential.username}:${credential.password}`) };
}

function encode(text: string): string {
  const encoded = Buffer.from(text, 'utf8').toString('base64');
  registerSecret(encoded);
  return encoded;
}
