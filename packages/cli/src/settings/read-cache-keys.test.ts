import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { temporaryFolder } from '@onebuild/testkit';
import { readSigningKey, readVerifyingKeys } from './read-cache-keys.ts';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const secret = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const open = publicKey.export({ type: 'spki', format: 'pem' }).toString();
const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }).toString();
const x25519 = generateKeyPairSync('x25519');

test('keys are read, of a public file also several', async () => {
  assert.equal(await readSigningKey(write('cache.key', secret)), secret);
  const keys = await readVerifyingKeys(write('cache.pub', `one\n${open}two\n${other}`));
  assert.deepEqual(keys, [open.trim(), other.trim()]);
});

test('what is no key, or the other one, is refused with its path and nothing of what it says', async () => {
  const locked = privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' });
  const cases: readonly [() => Promise<unknown>, RegExp][] = [
    [() => readSigningKey(write('a', 'no key')), /a is no Ed25519 private key/],
    [() => readSigningKey(write('b', open)), /b is the public key/],
    [() => readSigningKey(write('c', locked.toString())), /c is no Ed25519 private key/],
    [
      () => readSigningKey(write('d', x25519.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())),
      /d is no Ed25519 private key/,
    ],
    [() => readVerifyingKeys(write('e', secret)), /e is a private key/],
    [() => readVerifyingKeys(write('f', 'ssh-ed25519 AAAA')), /f is no Ed25519 public key/],
    [
      () =>
        readVerifyingKeys(write('g', x25519.publicKey.export({ type: 'spki', format: 'pem' }).toString())),
      /g is no Ed25519 public key/,
    ],
    [() => readVerifyingKeys(write('h', open.replace('MC', 'AC'))), /h is no Ed25519 public key/],
  ];
  for (const [work, expected] of cases) {
    await assert.rejects(work(), (error) => {
      assert.ok(isFault(error, 'CACHE_SIGNATURE'));
      assert.match(error.message, expected);
      assert.ok(!JSON.stringify(error).includes(secret.split('\n')[1] ?? ''));
      return true;
    });
  }
  await assert.rejects(readSigningKey(join(folder, 'none')), (error) => isFault(error, 'FILE_ACCESS'));
});
