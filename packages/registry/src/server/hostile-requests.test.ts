import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { openRegistry } from './testing/open-registry.ts';
import { digest, pushBlob, startUpload } from './testing/raw-client.ts';

test('no name, tag, digest or upload id leads out of its place', async (t) => {
  const { ask, root } = await openRegistry(t);
  await pushBlob(ask, 'a', 'content');
  const escapes = [
    '..',
    '../..',
    '%2e%2e',
    '..%2f..',
    '%2e%2e%2f',
    '..%5c..',
    'a/../b',
    'a//b',
    './a',
    'a%00b',
    '_blobs',
    'A',
  ];
  const longName = Array(60).fill('abcd').join('/');
  for (const name of [...escapes, longName, 'a'.repeat(256), '-a', 'a.', 'a__b___c']) {
    for (const [method, path] of [
      ['POST', `/v2/${name}/blobs/uploads/`],
      ['GET', `/v2/${name}/tags/list`],
      ['GET', `/v2/${name}/manifests/latest`],
      ['PUT', `/v2/${name}/manifests/latest`],
      ['GET', `/v2/${name}/blobs/${digest('content')}`],
      ['DELETE', `/v2/${name}/blobs/${digest('content')}`],
      ['POST', `/v2/a/blobs/uploads/?mount=${digest('content')}&from=${encodeURIComponent(name)}`],
    ] as const) {
      const { status } = await ask(method, path);
      assert.ok(status === 400 || status === 404, `${method} ${path} answered ${status}`);
    }
  }
  for (const last of [...escapes, 'x'.repeat(200), '.hidden', '%', '%zz']) {
    for (const [method, path] of [
      ['GET', `/v2/a/manifests/${last}`],
      ['PUT', `/v2/a/manifests/${last}`],
      ['DELETE', `/v2/a/manifests/${last}`],
      ['GET', `/v2/a/blobs/sha256:${last}`],
      ['GET', `/v2/a/blobs/uploads/${last}`],
      ['PATCH', `/v2/a/blobs/uploads/${last}`],
      ['DELETE', `/v2/a/blobs/uploads/${last}`],
      ['PUT', `/v2/a/blobs/uploads/${last}?digest=${digest('content')}`],
      ['GET', `/v2/a/referrers/sha256:${last}`],
    ] as const) {
      const { status } = await ask(method, path, method === 'GET' ? {} : { body: '{}' });
      assert.ok(status >= 400 && status < 500, `${method} ${path} answered ${status}`);
    }
  }
  assert.deepEqual(readdirSync(dirname(root)), ['root']);
  assert.deepEqual(readdirSync(root).sort(), ['blobs', 'repositories', 'tmp']);
  assert.deepEqual(readdirSync(join(root, 'repositories')), ['a']);
});

test('what is no endpoint, or not with this method, says so', async (t) => {
  const { ask } = await openRegistry(t);
  for (const path of ['/', '/v1/', '/v2x', '/v2/a', '/v2/a/b/c', '*', 'http://example.com/v2/x']) {
    assert.equal((await ask('GET', path)).status, 404, path);
  }
  const wrong = await ask('POST', '/v2/a/tags/list');
  assert.deepEqual([wrong.status, wrong.code, wrong.headers.allow], [405, 'UNSUPPORTED', 'GET']);
  assert.equal((await ask('PROPFIND', '/v2/')).status, 405);
});

test('a huge header, a body that never ends and garbage do not stop the registry', async (t) => {
  const { ask, registry } = await openRegistry(t);
  const session = await startUpload(ask, 'a');
  const lines = [
    `GET /v2/ HTTP/1.1\r\nHost: x\r\nX-Large: ${'x'.repeat(100_000)}\r\n\r\n`,
    'not http at all\r\n\r\n',
    `PATCH ${session} HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n`,
    `PATCH ${session} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
    `PUT /v2/a/manifests/x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab`,
  ];
  for (const text of lines) {
    await new Promise<void>((resolve) => {
      const socket = connect(registry.port, '127.0.0.1', () => socket.write(text, () => socket.end()));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
      socket.resume();
    });
  }
  assert.equal((await ask('GET', '/v2/')).status, 200);
  assert.equal((await ask('PATCH', session, { body: 'x' })).status, 202);
});

test('a client that sends without end after a refusal is hung up on', async (t) => {
  const { registry, ask } = await openRegistry(t, { readOnly: true });
  const sent = await new Promise<number>((resolve) => {
    let bytes = 0;
    const socket = connect(registry.port, '127.0.0.1', () => {
      socket.write('POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000000\r\n\r\n');
      const chunk = Buffer.alloc(1024 * 1024);
      const push = () => {
        bytes += chunk.length;
        socket.write(chunk, (error) => error ?? push());
      };
      push();
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(bytes));
    socket.resume();
  });
  assert.ok(sent < 200 * 1024 * 1024, `${sent} bytes were taken`);
  assert.equal((await ask('GET', '/v2/')).status, 200);
});

test('a refusal reaches a client that sends its body after it, and the connection serves on', async (t) => {
  const { registry } = await openRegistry(t, { readOnly: true });
  const heard = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(registry.port, '127.0.0.1');
    socket.write('POST /v2/a/blobs/uploads/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3000000\r\n\r\n');
    socket.on('data', (chunk) => {
      const first = text === '';
      text += chunk.toString();
      if (first)
        socket.write(Buffer.alloc(3_000_000), () => socket.write('GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n'));
      if (text.endsWith('{}')) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
  assert.match(heard, /^HTTP\/1\.1 405 [\s\S]*HTTP\/1\.1 200 OK/);
});
