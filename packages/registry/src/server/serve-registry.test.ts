import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:https';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { requireProgram } from '@onebuild/testkit';
import { formatPasswordLine, parsePasswordFile } from './auth/password-file.ts';
import { serveRegistry } from './serve-registry.ts';
import { openRegistry, temporaryRoot } from './testing/open-registry.ts';
import { digest, pushBlob, rawClient } from './testing/raw-client.ts';

test('content outlives the server', async (t) => {
  const root = temporaryRoot();
  const first = await serveRegistry({ root });
  await pushBlob(rawClient(first.url), 'a', 'content');
  await first.close();
  const second = await serveRegistry({ root, port: first.port });
  t.after(() => second.close());
  assert.equal(second.port, first.port);
  const { body } = await rawClient(second.url)('GET', `/v2/a/blobs/${digest('content')}`);
  assert.equal(body.toString(), 'content');
});

test('a taken port is a clear fault', async (t) => {
  const { registry, root } = await openRegistry(t);
  await assert.rejects(
    serveRegistry({ root, port: registry.port }),
    (error) => isFault(error, 'USAGE') && error.message.includes(String(registry.port)),
  );
});

test('with users, who is not known gets nothing', async (t) => {
  const file = `# users\n\n${await formatPasswordLine('ann', 'pä:ss')}\n`;
  const { ask } = await openRegistry(t, { auth: parsePasswordFile(file, 'here') });
  const basic = (text: string) => ({
    headers: { authorization: `Basic ${Buffer.from(text).toString('base64')}` },
  });
  const none = await ask('GET', '/v2/');
  assert.deepEqual([none.status, none.code], [401, 'UNAUTHORIZED']);
  assert.match(none.headers['www-authenticate'] ?? '', /^Basic realm="here"/);
  for (const wrong of ['ann:', 'ann:nonsense', 'bob:pä:ss', 'ann', '']) {
    assert.equal((await ask('GET', '/v2/', basic(wrong))).status, 401, wrong);
  }
  assert.equal((await ask('POST', '/v2/a/blobs/uploads/')).status, 401);
  assert.equal((await ask('GET', '/v2/', basic('ann:pä:ss'))).status, 200);
  assert.equal((await ask('GET', '/v2/', basic('ann:pä:ss'))).status, 200);
  assert.equal((await ask('GET', '/v2/', { headers: { authorization: 'Bearer x' } })).status, 401);
});

test('a password file says which line is wrong', () => {
  for (const text of [
    'ann:secret',
    'ann:$2y$05$abcdefghijklmnopqrstuv',
    '\n:$scrypt$ln=14,r=8,p=1$aaaaaaaa$bb',
  ]) {
    assert.throws(
      () => parsePasswordFile(text),
      (error) => isFault(error, 'USAGE') && /line \d/.test(error.message),
    );
  }
});

test('deleting and writing can be switched off', async (t) => {
  const { ask, root } = await openRegistry(t, { deleteEnabled: false });
  const name = await pushBlob(ask, 'a', 'content');
  assert.equal((await ask('DELETE', `/v2/a/blobs/${name}`)).status, 405);
  const reader = await serveRegistry({ root, readOnly: true });
  t.after(() => reader.close());
  const read = rawClient(reader.url);
  assert.equal((await read('GET', `/v2/a/blobs/${name}`)).status, 200);
  assert.equal((await read('POST', '/v2/a/blobs/uploads/')).status, 405);
  assert.equal((await read('PUT', '/v2/a/manifests/x', { body: '{}' })).status, 405);
});

test('with a certificate it speaks TLS', async (t) => {
  if (!requireProgram(t, 'openssl', 'apt-get install openssl')) return;
  const root = temporaryRoot();
  const [cert, key] = ['cert.pem', 'key.pem'].map((name) => join(dirname(root), name)) as [string, string];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const kind = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-days',
    '1',
  ];
  execFileSync('openssl', [...kind, ...subject, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const pem = { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  const registry = await serveRegistry({ root, tls: pem });
  t.after(() => registry.close());
  assert.match(registry.url, /^https:\/\/127\.0\.0\.1:\d+$/);
  const status = await new Promise((resolve, reject) => {
    get(`${registry.url}/v2/`, { ca: pem.cert, agent: false }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    }).on('error', reject);
  });
  assert.equal(status, 200);
  await assert.rejects(serveRegistry({ root, tls: { cert: pem.cert, key: 'nonsense' } }), (error) =>
    isFault(error, 'USAGE'),
  );
});

test('what goes wrong inside is logged, and the client hears no details', async (t) => {
  const said: string[] = [];
  const log = {
    info() {},
    warn() {},
    error: (message: string, facts?: object) => said.push(`${message} ${JSON.stringify(facts)}`),
  };
  const auth = { realm: 'x', check: () => Promise.reject(new Error('the secret place')) };
  const { ask } = await openRegistry(t, { log, auth });
  const headers = { authorization: `Basic ${Buffer.from('a:b').toString('base64')}` };
  const answer = await ask('GET', '/v2/', { headers });
  assert.equal(answer.status, 500);
  assert.doesNotMatch(answer.body.toString(), /secret place|at /);
  assert.match(said.join(), /the secret place/);
});
