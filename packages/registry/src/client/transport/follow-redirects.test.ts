import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followRedirects } from './follow-redirects.ts';
import type { HttpAnswer, HttpRequest } from './http-message.ts';

/** Answers from a table of path or address to `status location`; anything else is 200. */
function player(table: Readonly<Record<string, readonly [number, string]>>) {
  const requests: HttpRequest[] = [];
  let discarded = 0;
  const send = followRedirects(
    (request) => {
      requests.push(request);
      const [status, location] = table[request.url.href] ?? [200, undefined];
      const answer: HttpAnswer = {
        status,
        headers: location === undefined ? {} : { location },
        url: request.url,
        body: (async function* () {})(),
        discard() {
          discarded++;
          return Promise.resolve();
        },
      };
      return Promise.resolve(answer);
    },
    { plainAllowed: ({ hostname }) => hostname === 'plain.example' },
  );
  return { send, requests, discarded: () => discarded };
}

const start = 'https://a.example/v2/x';
const get = (extra: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: new URL(start),
  headers: { Authorization: 'Bearer secret', range: 'bytes=5-' },
  ...extra,
});

test('credentials stay with their host, other headers go along', async () => {
  const { send, requests, discarded } = player({
    [start]: [307, '/v2/y'],
    'https://a.example/v2/y': [302, 'https://user:pw@b.example/z?sig=1'],
  });
  const answer = await send(get());
  assert.equal(answer.url.href, 'https://b.example/z?sig=1');
  assert.deepEqual(
    requests.map(({ headers }) => headers),
    [get().headers, get().headers, { range: 'bytes=5-' }],
  );
  assert.equal(discarded(), 2);
});

test('another port or scheme is another host', async () => {
  const { send, requests } = player({ [start]: [307, 'https://a.example:8443/v2/x'] });
  await send(get());
  assert.equal(requests[1]?.headers['Authorization'], undefined);
});

test('bad targets are refused', async () => {
  const targets = [
    'ftp://a.example/x',
    'file:///etc/passwd',
    'http://a.example/x',
    'http://[bad',
    'javascript:0',
  ];
  for (const target of targets) {
    const { send, requests } = player({ [start]: [307, target] });
    await assert.rejects(send(get()), { code: 'REGISTRY_PROTOCOL' }, target);
    assert.equal(requests.length, 1);
  }
});

test('TLS is given up only towards a host where plain HTTP is allowed', async () => {
  const { send } = player({ [start]: [307, 'http://plain.example/x'] });
  assert.equal((await send(get())).status, 200);
});

test('loops end', async () => {
  const { send, requests } = player({ [start]: [301, start] });
  await assert.rejects(send(get()), { code: 'REGISTRY_PROTOCOL', message: /more than 5/ });
  assert.equal(requests.length, 6);
});

test('what writes follows 307 and 308 alone, and what must not be passed on not even these', async () => {
  const { send } = player({ [start]: [302, '/y'] });
  assert.equal((await send(get({ method: 'PUT' }))).status, 302);
  const again = player({ [start]: [308, '/y'] });
  assert.equal((await again.send(get({ method: 'PUT' }))).status, 200);
  assert.equal((await again.send(get({ redirects: 'none' }))).status, 308);
});
