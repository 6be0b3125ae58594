import assert from 'node:assert/strict';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import type { Credential } from './credential-source.ts';
import { createDockerConfigCredentials } from './docker-config-credentials.ts';
import { eraseLogin, saveLogin } from './docker-login.ts';
import type { SpawnHelper } from './spawn-helper.ts';

const ann = { type: 'password', username: 'ann', password: 'pä:ss' } as const;
const bare = (found: Credential | undefined) => {
  const { origin, ...secret } = found ?? {};
  assert.notEqual(origin, undefined);
  return secret;
};
const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;

test('a login is kept for its owner alone, found again, and forgotten', async (t) => {
  const folder = temporaryFolder(t);
  const path = join(folder, 'new', 'config.json');
  assert.deepEqual(await saveLogin('docker.io', ann, { path }), { file: path });
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(Object.keys(read(path)['auths'] as object), ['https://index.docker.io/v1/']);
  const credentials = createDockerConfigCredentials({ path });
  assert.deepEqual(bare(await credentials('docker.io', 'library/debian', 'pull')), ann);
  await saveLogin('reg.example:5000', { type: 'identity-token', token: 'refresh' }, { path });
  assert.deepEqual(bare(await credentials('reg.example:5000', 'a', 'push')), {
    type: 'identity-token',
    token: 'refresh',
  });
  assert.equal(await eraseLogin('docker.io', { path }), true);
  assert.equal(await eraseLogin('docker.io', { path }), false);
  assert.equal(await credentials('docker.io', 'library/debian', 'pull'), undefined);
  assert.deepEqual(readdirSync(join(folder, 'new')), ['config.json']);
});

test('everything else in the file stays, other names of the registry go', async (t) => {
  const path = join(temporaryFolder(t), 'config.json');
  const rest = { HttpHeaders: { a: 'b' }, plugins: { x: { y: '1' } } };
  writeFileSync(
    path,
    JSON.stringify({
      ...rest,
      auths: { 'https://reg.example/v1/': { auth: 'b2xkOm9sZA==' }, 'b.example': { email: 'x' } },
    }),
  );
  await saveLogin('reg.example', ann, { path });
  const { auths, ...kept } = read(path);
  assert.deepEqual(kept, rest);
  assert.deepEqual(auths, {
    'b.example': { email: 'x' },
    'reg.example': { auth: Buffer.from('ann:pä:ss').toString('base64') },
  });
});

test('a symbolic link stays one', async (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real', 'c.json'), '{}');
  symlinkSync('real/c.json', join(folder, 'config.json'));
  await saveLogin('reg.example', ann, { path: join(folder, 'config.json') });
  assert.ok(lstatSync(join(folder, 'config.json')).isSymbolicLink());
  assert.ok(readFileSync(join(folder, 'real', 'c.json'), 'utf8').includes('reg.example'));
});

test('a helper gets the secret instead of the file', async (t) => {
  const path = join(temporaryFolder(t), 'config.json');
  writeFileSync(
    path,
    JSON.stringify({ credsStore: 'pass', auths: { 'reg.example': { auth: 'b2xkOm9sZA==' } } }),
  );
  const calls: [string, string, unknown][] = [];
  const spawn: SpawnHelper = (program, verb, input) => {
    calls.push([program, verb, verb === 'store' ? JSON.parse(input) : input.trim()]);
    return Promise.resolve({ code: 0, stdout: '', stderr: '' });
  };
  assert.deepEqual(await saveLogin('reg.example', ann, { path, spawn }), { helper: 'pass' });
  assert.deepEqual(read(path)['auths'], { 'reg.example': {} });
  assert.equal(await eraseLogin('reg.example', { path, spawn }), true);
  assert.deepEqual(read(path)['auths'], {});
  assert.deepEqual(calls, [
    ['docker-credential-pass', 'store', { ServerURL: 'reg.example', Username: 'ann', Secret: 'pä:ss' }],
    ['docker-credential-pass', 'erase', 'reg.example'],
  ]);
  const failing: SpawnHelper = () => Promise.resolve({ code: 1, stdout: 'locked', stderr: '' });
  await assert.rejects(saveLogin('reg.example', ann, { path, spawn: failing }), {
    code: 'CREDENTIAL_HELPER',
  });
});

test('a broken file is left as it is', async (t) => {
  const path = join(temporaryFolder(t), 'config.json');
  writeFileSync(path, '{"auths":');
  await assert.rejects(saveLogin('reg.example', ann, { path }), { code: 'DOCKER_CONFIG_INVALID' });
  assert.equal(readFileSync(path, 'utf8'), '{"auths":');
});
