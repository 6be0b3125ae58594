import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { createDockerConfigCredentials } from './docker-config-credentials.ts';
import { keysFor, normalizeRegistryKey } from './registry-key.ts';
import { type SpawnHelper, spawnHelper } from './spawn-helper.ts';

const encode = (text: string) => Buffer.from(text).toString('base64');
const basic = (username: string, password = 'pw') => ({ type: 'password', username, password });

function source(t: { after(run: () => void): void }, config: unknown, spawn?: SpawnHelper) {
  const path = join(temporaryFolder(t), 'config.json');
  writeFileSync(path, typeof config === 'string' ? config : JSON.stringify(config));
  const credentials = createDockerConfigCredentials({ path, ...(spawn && { spawn }) });
  return async (registry: string, repository = 'team/app') => {
    const found = await credentials(registry, repository, 'pull');
    const { origin, ...secret } = found ?? {};
    assert.ok(found === undefined || origin?.place === path);
    return found && secret;
  };
}

test('keys are read in all the ways they are written', () => {
  const forms: readonly [string, string][] = [
    ['https://index.docker.io/v1/', 'docker.io'],
    ['docker.io', 'docker.io'],
    ['registry-1.docker.io', 'docker.io'],
    ['https://Reg.Example.com/v2/', 'reg.example.com'],
    ['http://localhost:5000', 'localhost:5000'],
    ['reg.example.com/team/app', 'reg.example.com/team/app'],
    ['docker.io/library/', 'docker.io/library'],
  ];
  for (const [written, meant] of forms) assert.equal(normalizeRegistryKey(written), meant);
  assert.deepEqual(keysFor('a:1', 'b/c'), ['a:1/b/c', 'a:1/b', 'a:1']);
  assert.deepEqual(keysFor('docker.io', ''), ['docker.io']);
});

test('every form of an entry', async (t) => {
  const ask = source(t, {
    auths: {
      'https://index.docker.io/v1/': { auth: encode('hub:p:w') },
      'plain.example': { username: 'ann', password: 'pw' },
      'https://token.example/v2/': { auth: encode('<token>:'), identitytoken: 'refresh' },
      'ready.example': { registrytoken: 'access' },
      'old.example': { auth: encode('ann:pw\0\0') },
      'empty.example': {},
      'null.example': null,
      'odd.example': { auth: '%%%' },
    },
    HttpHeaders: { 'User-Agent': 'x' },
  });
  assert.deepEqual(await ask('docker.io'), basic('hub', 'p:w'));
  assert.deepEqual(await ask('plain.example'), basic('ann'));
  assert.deepEqual(await ask('token.example'), { type: 'identity-token', token: 'refresh' });
  assert.deepEqual(await ask('ready.example'), { type: 'bearer', token: 'access' });
  assert.deepEqual(await ask('old.example'), basic('ann'));
  for (const name of ['empty', 'null', 'odd', 'absent'])
    assert.equal(await ask(`${name}.example`), undefined);
});

test('the most precise key wins', async (t) => {
  const ask = source(t, {
    auths: {
      'reg.example': { auth: encode('host:pw') },
      'reg.example/team': { auth: encode('team:pw') },
      'reg.example/team/app': { auth: encode('app:pw') },
    },
  });
  assert.deepEqual(await ask('reg.example', 'team/app'), basic('app'));
  assert.deepEqual(await ask('reg.example', 'team/application'), basic('team'));
  assert.deepEqual(await ask('reg.example', 'other'), basic('host'));
});

test('helpers are asked by the name that they know', async (t) => {
  const calls: string[] = [];
  const spawn: SpawnHelper = (program, verb, input) => {
    calls.push(`${program} ${verb} ${input.trim()}`);
    const answers: Record<string, string> = {
      'docker-credential-own': JSON.stringify({ ServerURL: 'x', Username: '<token>', Secret: 'refresh' }),
      'docker-credential-all': JSON.stringify({ ServerURL: 'x', Username: 'ann', Secret: 'pw' }),
    };
    if (input.includes('absent')) {
      return Promise.resolve({ code: 1, stdout: 'credentials not found in native keychain\n', stderr: '' });
    }
    return Promise.resolve({ code: 0, stdout: answers[program] ?? '', stderr: '' });
  };
  const ask = source(
    t,
    {
      auths: { 'absent.example': { auth: encode('file:pw') }, 'reg.example': {} },
      credsStore: 'all',
      credHelpers: { 'own.example': 'own' },
    },
    spawn,
  );
  assert.deepEqual(await ask('own.example'), { type: 'identity-token', token: 'refresh' });
  assert.deepEqual(await ask('docker.io'), basic('ann'));
  assert.deepEqual(await ask('absent.example'), basic('file'));
  assert.deepEqual(calls, [
    'docker-credential-own get own.example',
    'docker-credential-all get https://index.docker.io/v1/',
    'docker-credential-all get absent.example',
  ]);
});

test('a helper that fails is named, with what it said', async (t) => {
  const failing: SpawnHelper = () =>
    Promise.resolve({ code: 2, stdout: '', stderr: 'pass: locked\x1b[31m\nmore' });
  await assert.rejects(source(t, { credsStore: 'pass' }, failing)('reg.example'), {
    code: 'CREDENTIAL_HELPER',
    message: /^docker-credential-pass get ended with 2: pass: locked \[31m$/,
  });
  const odd: SpawnHelper = () => Promise.resolve({ code: 0, stdout: '<html>', stderr: '' });
  await assert.rejects(source(t, { credsStore: 'pass' }, odd)('reg.example'), { code: 'CREDENTIAL_HELPER' });
  for (const name of ['../evil', 'a/b', 'a b', '-x', '']) {
    const ask = source(t, { credHelpers: { 'reg.example': name } }, failing);
    await assert.rejects(ask('reg.example'), { code: 'CREDENTIAL_HELPER', message: /is not a name/ });
  }
});

test('a real helper is run; one that is missing or silent is told', async (t) => {
  const folder = temporaryFolder(t);
  const script = join(folder, 'docker-credential-real');
  writeFileSync(script, '#!/bin/sh\nread server\nprintf \'{"Username":"%s","Secret":"s3cret"}\' "$server"\n');
  chmodSync(script, 0o755);
  const spawn: SpawnHelper = (program, verb, input) =>
    spawnHelper(program === 'docker-credential-real' ? script : program, verb, input);
  assert.deepEqual(
    await source(t, { credsStore: 'real' }, spawn)('reg.example'),
    basic('reg.example', 's3cret'),
  );
  await assert.rejects(source(t, { credsStore: 'surely-not-there' }, spawn)('reg.example'), {
    code: 'CREDENTIAL_HELPER',
    message: /no such program/,
  });
});

test('no file and an empty file hold nothing; a broken one is a fault that quotes nothing', async (t) => {
  const nowhere = createDockerConfigCredentials({ path: '/nonexistent/config.json' });
  assert.equal(await nowhere('reg.example', 'a', 'pull'), undefined);
  assert.equal(await source(t, '')('reg.example'), undefined);
  for (const bad of [
    '{"auths":{"a":{"auth":"c2VjcmV0"',
    '[]',
    '{"auths":[1]}',
    '{"auths":{"a":{"auth":5}}}',
    '{"credsStore":{}}',
  ]) {
    await assert.rejects(source(t, bad)('reg.example'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'DOCKER_CONFIG_INVALID');
      assert.doesNotMatch(error.message, /c2VjcmV0/);
      return true;
    });
  }
});
