import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import { fault, registerSecret } from '@onebuild/core';
import { readNamedFile } from './read-named-file.ts';

/**
 * The Ed25519 private key of a file, PEM.
 * @param path absolute
 * @throws FILE_ACCESS, CACHE_SIGNATURE with the path
 */
export async function readSigningKey(path: string): Promise<string> {
  const pem = await readNamedFile(path, { flag: '--cache-to sign', cwd: '/' });
  const key = /-----BEGIN PRIVATE KEY-----/.test(pem) ? tryKey(() => createPrivateKey(pem)) : undefined;
  if (key?.asymmetricKeyType !== 'ed25519') {
    const isPublic = pem.includes('-----BEGIN PUBLIC KEY-----');
    throw fault(
      'CACHE_SIGNATURE',
      `--cache-to sign: ${path} ${isPublic ? 'is the public key' : 'is no Ed25519 private key in PEM form'}`,
      {
        hint: isPublic
          ? 'Sign with the private key; the public one is for `verify=`.'
          : 'Make one: openssl genpkey -algorithm ed25519 -out cache.key (without a password).',
      },
    );
  }
  registerSecret(pem.trim());
  return pem;
}

/**
 * The Ed25519 public keys of a file, PEM, each by itself.
 * @param path absolute
 * @throws FILE_ACCESS, CACHE_SIGNATURE with the path
 */
export async function readVerifyingKeys(
  path: string,
  flag = '--cache-from verify',
): Promise<readonly string[]> {
  const pem = await readNamedFile(path, { flag, cwd: '/' });
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(pem)) {
    throw fault('CACHE_SIGNATURE', `${flag}: ${path} is a private key`, {
      hint: 'Verify with the public one: openssl pkey -in cache.key -pubout -out cache.pub.',
    });
  }
  const blocks = pem.match(/-----BEGIN PUBLIC KEY-----[A-Za-z0-9+/=\s]*-----END PUBLIC KEY-----/g) ?? [];
  const keys = blocks.map((block) => tryKey(() => createPublicKey(block)));
  if (keys.length > 0 && keys.every((key) => key?.asymmetricKeyType === 'ed25519')) return blocks;
  throw fault('CACHE_SIGNATURE', `${flag}: ${path} is no Ed25519 public key in PEM form`, {
    hint: 'Make it of the private one: openssl pkey -in cache.key -pubout -out cache.pub.',
  });
}

function tryKey(read: () => KeyObject): KeyObject | undefined {
  try {
    return read();
  } catch {
    // what OpenSSL says of it helps nobody
    return undefined;
  }
}
