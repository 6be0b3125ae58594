import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { type OneBuildError, isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { requireProgram, runProgram, temporaryFolder } from '@onebuild/testkit';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CacheRecord } from './cache-record.ts';
import { isSigned, signRecord } from './sign-record.ts';

function keyPair() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    shown: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

const ours = keyPair();
const others = keyPair();
const [one, two] = [digestOf('one'), digestOf('two')];
const records: readonly CacheRecord[] = [
  { kind: 'exec', key: one, layer: two, ms: 5, used: 7 },
  { kind: 'copy', key: one, layer: '', used: 7 },
  { kind: 'listing', key: one, blob: two, used: 7 },
  { kind: 'blob', key: one, form: 'gzip 6', blob: two, diffId: one, used: 7 },
  { kind: 'mount', key: 'm', id: '/m', blob: one, packs: [one, two], at: 3, bytes: 9, used: 7 },
];

test('a signed record is known by the public key alone', () => {
  for (const record of records) {
    assert.equal(isSigned(record, [ours.shown]), false);
    const signed = signRecord(record, ours.secret);
    assert.deepEqual(signed, { ...record, sig: signed.sig });
    assert.ok(isSigned(signed, [ours.shown]));
    assert.ok(isSigned(signed, [others.shown, ours.shown]));
    assert.equal(isSigned(signed, [others.shown]), false);
    assert.equal(isSigned(signed, []), false);
  }
});

/** Another value of the same sort. */
function changed(value: unknown): unknown {
  if (typeof value === 'number') return value + 1;
  if (Array.isArray(value)) return value.slice(1);
  return value === one ? two : value === two ? one : `${String(value)}x`;
}

test('whatever is changed is seen, but for the use and the time', () => {
  const free = ['used', 'ms'];
  for (const record of records) {
    const signed = signRecord(record, ours.secret);
    for (const [field, value] of Object.entries(signed)) {
      const tampered = { ...signed, [field]: changed(value) };
      assert.equal(isSigned(tampered, [ours.shown]), free.includes(field), `${record.kind}.${field}`);
    }
  }
  const [exec] = records;
  assert.ok(exec);
  const { sig } = signRecord(exec, ours.secret);
  assert.ok(sig);
  assert.equal(isSigned({ kind: 'copy', key: one, layer: two, used: 7, sig }, [ours.shown]), false);
});

test('what is no signature is none', () => {
  const [record] = records;
  assert.ok(record);
  for (const sig of ['', 'x', '!'.repeat(88), 'A'.repeat(86) + '==', 'A'.repeat(200)]) {
    assert.equal(isSigned({ ...record, sig }, [ours.shown]), false);
  }
});

test('other keys are refused, and nothing of them is said', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsaSecret = rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const locked = generateKeyPairSync('ed25519').privateKey.export({
    type: 'pkcs8',
    format: 'pem',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const [record] = records;
  assert.ok(record);
  const refusal = (key: string) => (error: unknown) => {
    assert.ok(isFault(error, 'CACHE_SIGNATURE'));
    assert.match(error.hint, /openssl genpkey -algorithm ed25519/);
    assert.ok(!saidIn(error, key));
    return true;
  };
  for (const key of [
    '',
    'secret words',
    rsaSecret,
    locked.toString(),
    ours.shown,
    ours.secret.slice(0, 60),
  ]) {
    assert.throws(() => signRecord(record, key), refusal(key));
  }
  const rsaShown = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString();
  for (const key of ['', 'words', rsaShown, ours.secret]) {
    assert.throws(() => isSigned(record, [key]), refusal(key));
  }
});

function saidIn(error: OneBuildError, key: string): boolean {
  const said = [error.message, error.hint, JSON.stringify(error.details), String(error.cause)].join(' ');
  return key.split('\n').some((line) => line.length > 4 && !line.startsWith('-----') && said.includes(line));
}

test('the keys that the hint makes serve', async (t) => {
  if (!requireProgram(t, 'openssl', 'apt-get install openssl')) return;
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await runProgram(['openssl', 'genpkey', '-algorithm', 'ed25519', '-out', at('cache.key')]);
  await runProgram(['openssl', 'pkey', '-in', at('cache.key'), '-pubout', '-out', at('cache.pub')]);
  const [record] = records;
  assert.ok(record);
  const signed = signRecord(record, readFileSync(at('cache.key'), 'utf8'));
  assert.ok(isSigned(signed, [readFileSync(at('cache.pub'), 'utf8')]));
});
