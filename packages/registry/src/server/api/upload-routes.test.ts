import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { test } from 'node:test';
import { openRegistry } from '../testing/open-registry.ts';
import { digest, pushBlob, rawClient, startUpload } from '../testing/raw-client.ts';

const octets = { 'content-type': 'application/octet-stream' };

test('a blob comes in by one POST, by POST and PUT, and by PATCH without a length', async (t) => {
  const { ask } = await openRegistry(t);
  for (const algorithm of ['sha256', 'sha512']) {
    const data = randomBytes(300_000);
    const name = digest(data, algorithm);
    const single = await ask('POST', `/v2/a/blobs/uploads/?digest=${name}`, { body: data, headers: octets });
    assert.equal(single.status, 201);
    assert.equal(single.headers.location, `/v2/a/blobs/${name}`);
    assert.equal(single.headers['docker-content-digest'], name);

    const put = await ask('PUT', `${await startUpload(ask, 'b')}?digest=${name}`, { body: data });
    assert.equal(put.status, 201);

    const session = await startUpload(ask, 'c');
    const streamed = await ask('PATCH', session, { body: data, headers: { 'transfer-encoding': 'chunked' } });
    assert.equal(streamed.status, 202);
    assert.equal((await ask('PUT', `${session}?digest=${name}`)).status, 201);
    for (const repository of ['a', 'b', 'c']) {
      assert.deepEqual((await ask('GET', `/v2/${repository}/blobs/${name}`)).body, data);
    }
  }
});

test('chunks have to follow each other, and the session tells where it is', async (t) => {
  const { ask } = await openRegistry(t);
  const data = randomBytes(3000);
  const session = await startUpload(ask, 'a');
  const chunk = (from: number, to: number, range = `${from}-${to - 1}`) =>
    ask('PATCH', session, { body: data.subarray(from, to), headers: { 'content-range': range } });

  assert.equal((await chunk(1000, 2000)).status, 416);
  const first = await chunk(0, 1000);
  assert.equal(first.status, 202);
  assert.equal(first.headers.range, '0-999');
  assert.equal((await chunk(0, 1000)).status, 416);
  const tooFar = await chunk(2000, 3000);
  assert.equal(tooFar.status, 416);
  assert.equal(tooFar.headers.range, '0-999');
  assert.equal((await chunk(1000, 2000, '1000-1500')).status, 400);
  assert.equal((await chunk(1000, 2000, 'nonsense')).status, 400);
  assert.equal((await chunk(1000, 2000, 'bytes 1000-1999/3000')).status, 202);
  const status = await ask('GET', session);
  assert.equal(status.status, 204);
  assert.equal(status.headers.range, '0-1999');
  assert.equal(status.headers.location, session);

  const last = { body: data.subarray(2000), headers: { 'content-range': '1999-2998' } };
  assert.equal((await ask('PUT', `${session}?digest=${digest(data)}`, last)).status, 416);
  const right = { body: data.subarray(2000), headers: { 'content-range': '2000-2999' } };
  assert.equal((await ask('PUT', `${session}?digest=${digest(data)}`, right)).status, 201);
  assert.equal((await ask('GET', session)).status, 404);
  assert.deepEqual((await ask('GET', `/v2/a/blobs/${digest(data)}`)).body, data);
});

test('a chunk that is shorter than its range leaves the session as it was', async (t) => {
  const { ask } = await openRegistry(t);
  const session = await startUpload(ask, 'a');
  const headers = { 'content-range': '0-99', 'transfer-encoding': 'chunked' };
  assert.equal((await ask('PATCH', session, { body: 'only this', headers })).code, 'SIZE_INVALID');
  assert.equal((await ask('PATCH', session, { body: 'right' })).status, 202);
  assert.equal((await ask('PUT', `${session}?digest=${digest('right')}`)).status, 201);
});

test('content that has another digest is refused and forgotten', async (t) => {
  const { ask } = await openRegistry(t);
  const wrong = digest('something else');
  const single = await ask('POST', `/v2/a/blobs/uploads/?digest=${wrong}`, { body: 'content' });
  assert.deepEqual([single.status, single.code], [400, 'DIGEST_INVALID']);
  const session = await startUpload(ask, 'a');
  assert.equal((await ask('PUT', `${session}?digest=${wrong}`, { body: 'content' })).status, 400);
  assert.equal((await ask('GET', session)).status, 404);
  assert.equal((await ask('HEAD', `/v2/a/blobs/${wrong}`)).status, 404);
  for (const bad of ['', 'sha256:abc', `md5:${'0'.repeat(32)}`, `sha256:${'G'.repeat(64)}`]) {
    const answer = await ask('POST', `/v2/a/blobs/uploads/?digest=${bad}`, { body: 'content' });
    assert.deepEqual([answer.status, answer.code], [400, 'DIGEST_INVALID']);
  }
});

test('an upload can be given up', async (t) => {
  const { ask } = await openRegistry(t);
  const session = await startUpload(ask, 'a');
  assert.equal((await ask('DELETE', session)).status, 204);
  assert.equal((await ask('DELETE', session)).status, 404);
  assert.equal((await ask('PATCH', session, { body: 'x' })).code, 'BLOB_UPLOAD_UNKNOWN');
});

test('a blob belongs to its repository until it is mounted', async (t) => {
  const { ask } = await openRegistry(t);
  const name = await pushBlob(ask, 'from/here', 'shared');
  const mount = (to: string, more: string) => ask('POST', `/v2/${to}/blobs/uploads/?mount=${name}${more}`);
  assert.equal((await ask('GET', `/v2/to/a/blobs/${name}`)).status, 404);
  assert.equal((await mount('to/a', '&from=from/nowhere')).status, 202);
  const mounted = await mount('to/a', '&from=from/here');
  assert.equal(mounted.status, 201);
  assert.equal(mounted.headers.location, `/v2/to/a/blobs/${name}`);
  assert.equal((await ask('GET', `/v2/to/a/blobs/${name}`)).body.toString(), 'shared');

  assert.equal((await mount('to/b', '')).status, 201);
  assert.equal((await ask('DELETE', `/v2/from/here/blobs/${name}`)).status, 202);
  assert.equal((await ask('GET', `/v2/to/b/blobs/${name}`)).status, 200);
  await ask('DELETE', `/v2/to/a/blobs/${name}`);
  await ask('DELETE', `/v2/to/b/blobs/${name}`);
  assert.equal((await mount('to/c', '')).status, 202, 'nobody holds it any more');
});

test('an upload that breaks off can go on where it stopped', async (t) => {
  const { ask, registry } = await openRegistry(t);
  const data = randomBytes(2_000_000);
  const session = await startUpload(ask, 'a');
  const sent = 1_500_000;
  await new Promise<void>((resolve) => {
    const socket = connect(registry.port, '127.0.0.1', () => {
      socket.write(`PATCH ${session} HTTP/1.1\r\nHost: x\r\nContent-Length: ${data.length}\r\n\r\n`);
      socket.write(data.subarray(0, sent), () => socket.destroy());
    });
    socket.on('close', () => resolve());
  });
  const status = await ask('GET', session);
  const arrived = Number(status.headers.range?.split('-')[1]) + 1;
  const resume = await ask('PATCH', session, { body: '' });
  const at = Number(resume.headers.range?.split('-')[1]) + 1;
  assert.ok(arrived <= sent && at <= sent);
  const rest = { body: data.subarray(at === 1 ? 0 : at) };
  assert.equal((await ask('PUT', `${session}?digest=${digest(data)}`, rest)).status, 201);
  assert.deepEqual((await ask('GET', `/v2/a/blobs/${digest(data)}`)).body, data);
});

test('a refused upload with Expect: 100-continue is never sent', async (t) => {
  const { registry } = await openRegistry(t, { readOnly: true });
  const heard = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(registry.port, '127.0.0.1', () => {
      socket.write(
        `POST /v2/a/blobs/uploads/?digest=${digest('x')} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n`,
      );
    });
    socket.on('data', (chunk) => {
      text += chunk.toString();
      if (text.includes('}')) socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
  assert.match(heard, /^HTTP\/1\.1 405 /);
  assert.doesNotMatch(heard, /100 Continue/);
});

test('a wanted upload with Expect: 100-continue is asked for', async (t) => {
  const { registry } = await openRegistry(t);
  const ask = rawClient(registry.url);
  const headers = { expect: '100-continue' };
  const path = `/v2/a/blobs/uploads/?digest=${digest('content')}`;
  assert.equal((await ask('POST', path, { body: 'content', headers })).status, 201);
});
