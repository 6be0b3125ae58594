import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { openRegistry } from '../testing/open-registry.ts';
import { digest, pushBlob } from '../testing/raw-client.ts';

test('parts of a blob can be asked for', async (t) => {
  const { ask } = await openRegistry(t);
  const data = randomBytes(1000);
  const path = `/v2/a/blobs/${await pushBlob(ask, 'a', data)}`;
  const get = (range: string) => ask('GET', path, { headers: { range } });
  for (const [range, from, to] of [
    ['bytes=0-0', 0, 1],
    ['bytes=100-199', 100, 200],
    ['bytes=900-', 900, 1000],
    ['bytes=990-5000', 990, 1000],
    ['bytes=-10', 990, 1000],
    ['bytes=-5000', 0, 1000],
  ] as const) {
    const answer = await get(range);
    assert.equal(answer.status, 206, range);
    assert.equal(answer.headers['content-range'], `bytes ${from}-${to - 1}/1000`);
    assert.deepEqual(answer.body, data.subarray(from, to));
  }
  for (const range of ['bytes=1000-', 'bytes=5-1', 'bytes=-0', 'bytes=99999-99999']) {
    const answer = await get(range);
    assert.deepEqual([answer.status, answer.headers['content-range']], [416, 'bytes */1000'], range);
  }
  for (const range of ['bytes=0-1,5-6', 'lines=0-1', 'bytes=--1', 'bytes=', `bytes=0-${'9'.repeat(400)}`]) {
    const answer = await get(range);
    assert.equal(answer.status, 200, range);
    assert.deepEqual(answer.body, data);
  }
});

test('a blob says its size, digest and that it never changes', async (t) => {
  const { ask } = await openRegistry(t);
  const name = await pushBlob(ask, 'a', 'content');
  const head = await ask('HEAD', `/v2/a/blobs/${name}`);
  assert.equal(head.status, 200);
  assert.equal(head.headers['content-length'], '7');
  assert.equal(head.headers['docker-content-digest'], name);
  assert.equal(head.headers['docker-distribution-api-version'], 'registry/2.0');
  const known = { headers: { 'if-none-match': `W/"x", "${name}"` } };
  assert.equal((await ask('GET', `/v2/a/blobs/${name}`, known)).status, 304);
  const empty = await pushBlob(ask, 'a', '');
  assert.equal((await ask('GET', `/v2/a/blobs/${empty}`)).body.length, 0);
  assert.equal((await ask('DELETE', `/v2/a/blobs/${name}`)).status, 202);
  assert.deepEqual((await ask('GET', `/v2/a/blobs/${name}`)).code, 'BLOB_UNKNOWN');
  assert.equal((await ask('DELETE', `/v2/a/blobs/${name}`)).status, 404);
  assert.equal((await ask('HEAD', `/v2/a/blobs/${digest('never')}`)).status, 404);
});
