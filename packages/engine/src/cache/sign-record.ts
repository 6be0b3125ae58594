import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';
import { fault } from '@onebuild/core';
import type { CacheRecord } from './cache-record.ts';
import { recordStatement } from './record-statement.ts';

const purpose = 'onebuild.cache.v1';

/**
 * The record with the signature of what it says: Ed25519 over the canonical JSON of `['onebuild.cache.v1', record]`, the record
 * without `used`, `ms` and `sig`.
 * @throws CACHE_SIGNATURE where the key is no private Ed25519 key in PEM form
 */
export function signRecord<R extends CacheRecord>(record: R, privateKeyPem: string): R {
  const sig = sign(null, signedBytes(record), privateKey(privateKeyPem)).toString('base64');
  return { ...record, sig };
}

/**
 * Whether one of the keys signed what the record says.
 * @throws CACHE_SIGNATURE where a key is no public Ed25519 key in PEM form
 */
export function isSigned(record: CacheRecord, publicKeysPem: readonly string[]): boolean {
  const keys = publicKeysPem.map(publicKey);
  if (record.sig === undefined) return false;
  const sig = Buffer.from(record.sig, 'base64');
  if (sig.length !== 64 || sig.toString('base64') !== record.sig) return false;
  const bytes = signedBytes(record);
  return keys.some((key) => verify(null, bytes, key, sig));
}

/** The public key (PEM) of a private one. @throws CACHE_SIGNATURE */
export function publicKeyOf(privateKeyPem: string): string {
  return createPublicKey(privateKey(privateKeyPem)).export({ type: 'spki', format: 'pem' }).toString();
}

function signedBytes(record: CacheRecord): Uint8Array {
  return Buffer.from(`["${purpose}",${recordStatement(record)}]`);
}

const privateKey = remember((pem) => createPrivateKey(pem), 'private key to sign a cache with');

const publicKey = remember((pem) => {
  // Node.js would take the public half of it, and hide that the secret half went round
  if (pem.includes('PRIVATE KEY')) throw new Error('it is a private key');
  return createPublicKey(pem);
}, 'public key to verify a cache with');

const hint =
  'Make a pair with `openssl genpkey -algorithm ed25519 -out cache.key; openssl pkey -in cache.key -pubout -out cache.pub`: ' +
  'cache.key signs, cache.pub verifies.';

/** Parses each key once. A build has few of them; what is more than that is forgotten. */
function remember(parse: (pem: string) => KeyObject, what: string): (pem: string) => KeyObject {
  const known = new Map<string, KeyObject>();
  return (pem) => {
    const found = known.get(pem);
    if (found !== undefined) return found;
    let key: KeyObject | undefined;
    try {
      key = parse(pem);
    } catch {
      // what the parser says of it may have parts of the key in it
    }
    if (key?.asymmetricKeyType !== 'ed25519') {
      throw fault('CACHE_SIGNATURE', `the ${what} is not an Ed25519 key in PEM form`, { hint });
    }
    if (known.size >= 64) known.clear();
    known.set(pem, key);
    return key;
  };
}
