import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createRegistryClient } from '@onebuild/registry/client';
import { listSegments } from './list-segments.ts';
import { signal } from './sample-contents.fixture.ts';
import { isSegmentId, newSegmentId, segmentPrefix } from './segment-tags.ts';

const prefix = segmentPrefix('cache');
const ids = Array.from({ length: 5 }, (_, i) => `0000000${i}`.padEnd(20, 'a'));
const numbered = (letter: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${letter}${String(i).padStart(5, '0')}`);
const noise = [`${prefix}x`, `${prefix}${ids[0]}0`, `cache.part.${ids[0]}`, 'cache', 'cache.part'];
const ascending = [
  ...numbered('a', 450),
  ...noise,
  ...ids.map((id) => prefix + id),
  ...numbered('z', 450),
].sort();

interface Tags {
  readonly all: readonly string[];
  /** Whether `last` is understood. */
  readonly pages?: 'by name' | 'by number' | 'refused';
  readonly status?: number;
}

/** A registry that has tags, in pages of a hundred. */
async function listed(tags: Tags, skip: boolean) {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://x');
    if (url.pathname === '/v2/') return void response.end('{}');
    asked.push(url.search);
    const { all, pages = 'by name', status = 200 } = tags;
    const last = url.searchParams.get('last') ?? '';
    const number = Number(url.searchParams.get('page') ?? 0);
    if (status !== 200 || (pages === 'refused' && last !== '')) {
      return void response.writeHead(status === 200 ? 400 : status).end('{}');
    }
    const rest = pages === 'by name' ? all.filter((tag) => tag > last) : all.slice(number * 100);
    const page = rest.slice(0, 100);
    const next = pages === 'by name' ? `last=${page.at(-1)}` : `page=${number + 1}`;
    if (rest.length > 100) response.setHeader('link', `</v2/app/tags/list?n=100&${next}>; rel="next"`);
    response.end(JSON.stringify({ name: 'app', tags: page }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const client = createRegistryClient();
  try {
    const repository = { registry: `127.0.0.1:${(server.address() as AddressInfo).port}`, repository: 'app' };
    return { found: await listSegments(client, repository, { prefix, skip, signal }), asked };
  } finally {
    client.close();
    server.closeAllConnections();
    server.close();
  }
}

test('of a repository with many other tags one page is read', async () => {
  const { found, asked } = await listed({ all: ascending }, true);
  assert.deepEqual(found, ids);
  assert.equal(asked.length, 1);
});

test('who may miss nothing reads from the start, and no further than need be', async () => {
  const { found, asked } = await listed({ all: ascending }, false);
  assert.deepEqual(found, ids);
  assert.ok(asked.length > 4 && asked.length < 8, String(asked.length));
});

test('a registry that gives tags in an order of its own is read to the end', async () => {
  const all = [...numbered('z', 90).reverse(), ...numbered('a', 250), ...ids.map((id) => prefix + id)];
  for (const skip of [true, false]) {
    const { found, asked } = await listed({ all, pages: 'by number' }, skip);
    assert.deepEqual(found, ids);
    assert.equal(asked.length, 4);
  }
});

test('a registry that does not know where to start is asked without it', async () => {
  const { found, asked } = await listed({ all: ids.map((id) => prefix + id), pages: 'refused' }, true);
  assert.deepEqual(found, ids);
  assert.equal(asked.length, 2);
});

test('no repository is no segments, a refusal is not known', async () => {
  assert.deepEqual((await listed({ all: [], status: 404 }, true)).found, []);
  for (const status of [403, 405]) assert.equal((await listed({ all: [], status }, true)).found, undefined);
});

test('tags of segments are tags, and those of one cache are not those of another', () => {
  const id = newSegmentId(1_700_000_000_000);
  assert.ok(isSegmentId(id));
  assert.ok(id.startsWith('6553f100'));
  const longs = ['a'.repeat(128), `${'a'.repeat(127)}b`];
  for (const tag of ['cache', ...longs]) assert.match(segmentPrefix(tag) + id, /^[\w][\w.-]{0,127}$/);
  assert.notEqual(...(longs.map(segmentPrefix) as [string, string]));
  for (const text of ['', 'x', `${id}0`, id.slice(1), id.toUpperCase().replace(/^./, 'G')])
    assert.ok(!isSegmentId(text));
});
