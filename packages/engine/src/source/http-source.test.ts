import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { openHttpContext } from './http-context.ts';
import { fetchSource } from './http-source.ts';

const { signal } = new AbortController();
type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(t: TestContext, handler: Handler): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a file comes with digest, size, time and name', async (t) => {
  const url = await serve(t, (_, response) => {
    response.setHeader('last-modified', 'Thu, 01 Jan 1970 00:16:40 GMT');
    response.end('content');
  });
  const dir = temporaryFolder(t);
  const { path, ...facts } = await fetchSource(`${url}/a/some%20file.txt?x=1`, { dir, signal });
  assert.deepEqual(facts, { digest: digestOf('content'), size: 7, mtime: 1000, filename: 'some file.txt' });
  assert.equal(readFileSync(path, 'utf8'), 'content');
});

test('the name of Content-Disposition goes before; no name leads elsewhere', async (t) => {
  const said = [
    'attachment; filename="x.tar"',
    'attachment; filename="../../up"',
    'attachment; filename=".."',
  ];
  let at = 0;
  const url = await serve(t, (_, response) => {
    response.setHeader('content-disposition', said[at++] ?? '');
    response.end('');
  });
  const dir = temporaryFolder(t);
  const names: string[] = [];
  for (const _ of said) names.push((await fetchSource(`${url}/${at}`, { dir, signal })).filename);
  assert.deepEqual(names, ['x.tar', 'up', '']);
});

test('what the server still has is not sent again', async (t) => {
  let sent = 0;
  let body = 'one';
  const url = await serve(t, (request, response) => {
    const etag = `"${body}"`;
    response.setHeader('etag', etag);
    if (request.headers['if-none-match'] === etag) response.writeHead(304).end();
    else {
      sent++;
      response.end(body);
    }
  });
  const dir = temporaryFolder(t);
  const fetch = async () => readFileSync((await fetchSource(url, { dir, signal })).path, 'utf8');
  assert.deepEqual([await fetch(), await fetch(), sent], ['one', 'one', 1]);
  body = 'two';
  assert.deepEqual([await fetch(), sent], ['two', 2]);
});

test('a checksum is held, and what has it needs no network', async (t) => {
  const url = await serve(t, (_, response) => response.end('content'));
  const dir = temporaryFolder(t);
  const wrong = { dir, signal, checksum: digestOf('another') };
  await assert.rejects(fetchSource(url, wrong), (e) => isFault(e, 'CHECKSUM_MISMATCH'));
  await assert.rejects(fetchSource(url, { ...wrong, checksum: 'md5:1' }), (e) =>
    isFault(e, 'DIGEST_INVALID'),
  );
  await fetchSource(url, { dir, signal, checksum: digestOf('content') });
  const offline = { dir, checksum: digestOf('content'), signal: AbortSignal.abort() };
  assert.equal((await fetchSource(url, offline)).size, 7);
});

test('redirects are followed, within http and not for ever', async (t) => {
  const url = await serve(t, (request, response) => {
    const to = { '/start': '/end', '/loop': '/loop', '/file': 'file:///etc/passwd' }[request.url ?? ''];
    if (to === undefined) response.end('there');
    else response.writeHead(302, { location: to }).end();
  });
  const dir = temporaryFolder(t);
  const fetch = (path: string) => fetchSource(url + path, { dir, signal });
  const found = await fetch('/start');
  assert.deepEqual([found.size, found.filename], [5, 'end']);
  for (const path of ['/loop', '/file']) await assert.rejects(fetch(path), (e) => isFault(e, 'SOURCE_FETCH'));
  await assert.rejects(fetchSource('file:///etc/passwd', { dir, signal }), (e) => isFault(e, 'SOURCE_FETCH'));
});

test('a fault that may pass is tried again, others are told', async (t) => {
  let calls = 0;
  const url = await serve(t, (request, response) => {
    calls++;
    if (request.url === '/missing') response.writeHead(404).end();
    else if (calls === 1) response.writeHead(503).end();
    else if (calls === 2) {
      response.writeHead(200, { 'content-length': '100' });
      response.write('cut');
      setTimeout(() => response.destroy(), 5);
    } else response.end('whole');
  });
  const dir = temporaryFolder(t);
  assert.equal((await fetchSource(url, { dir, signal })).size, 5);
  calls = 0;
  await assert.rejects(fetchSource(`${url}/missing`, { dir, signal }), (e) => isFault(e, 'SOURCE_FETCH'));
  assert.equal(calls, 1);
  await assert.rejects(fetchSource(`${url}/big`, { dir, signal, limit: 3 }), (e) =>
    isFault(e, 'SOURCE_FETCH'),
  );
  assert.ok(readdirSync(dir).every((name) => !name.startsWith('fetch-')));
});

test('a proxy is used, and left out where it is told to', async (t) => {
  let proxied = '';
  const proxy = await serve(t, (request, response) => {
    proxied = request.url ?? '';
    response.end('from the proxy');
  });
  const url = await serve(t, (_, response) => response.end('direct'));
  const fetch = async (more: Record<string, string>) => {
    const options = { dir: temporaryFolder(t), signal, proxy: { http_proxy: proxy, ...more } };
    return readFileSync((await fetchSource(`${url}/x`, options)).path, 'utf8');
  };
  assert.equal(await fetch({}), 'from the proxy');
  assert.match(proxied, /^http:\/\/127\.0\.0\.1:\d+\/x$/);
  assert.equal(await fetch({ no_proxy: '127.0.0.1' }), 'direct');
});

test('a context can be a URL', async (t) => {
  const url = await serve(t, (_, response) => response.end('FROM scratch\n'));
  const options = { dir: temporaryFolder(t), temp: temporaryFolder(t), signal };
  assert.deepEqual(await openHttpContext(url, options), { path: undefined, dockerfile: 'FROM scratch\n' });
});
