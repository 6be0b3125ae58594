import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import type { RegistryClientOptions } from '../registry-client-options.ts';
import { blobOf } from '../testing/sample-content.ts';
import { readRequest, sendError, startScriptedServer } from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';
import type { PushBlobOptions } from './push-blob.ts';

const bytes = randomBytes(3_000_000);
const { descriptor, blob } = blobOf(bytes);
const uploads = '/v2/app/blobs/uploads/';

type Answer = (request: IncomingMessage, response: ServerResponse, n: number) => void | Promise<void>;

/** What the server says to each kind of request; what isn't given is answered as a plain registry does. */
interface Answers {
  readonly head?: Answer;
  readonly post?: Answer;
  readonly put?: Answer;
  readonly patch?: Answer;
  readonly get?: Answer;
}

async function push(answers: Answers, options: RegistryClientOptions & PushBlobOptions = {}, pushed = blob) {
  const counts: Record<string, number> = {};
  const lines: string[] = [];
  const received: Buffer[] = [];
  const plain: Required<Answers> = {
    head: (_, response) => sendError(response, 404, 'BLOB_UNKNOWN'),
    post: (_, response) => void response.writeHead(202, { location: `${uploads}one?state=a%2Fb` }).end(),
    put: async (request, response) => {
      received.push(await readRequest(request));
      response.writeHead(201).end();
    },
    patch: async (request, response) => {
      received.push(await readRequest(request));
      const length = received.reduce((sum, part) => sum + part.length, 0);
      response.writeHead(202, { location: `${uploads}one?state=${length}`, range: `0-${length - 1}` }).end();
    },
    get: (_, response) => sendError(response, 404, 'BLOB_UPLOAD_UNKNOWN'),
  };
  await using server = await startScriptedServer(async (request, response) => {
    if (request.url === '/v2/') return void response.end();
    const method = (request.method ?? '').toLowerCase() as keyof Answers;
    const range = request.headers['content-range'];
    lines.push(`${request.method} ${request.url}${range === undefined ? '' : ` ${range}`}`);
    counts[method] = (counts[method] ?? 0) + 1;
    const answer = answers[method] ?? plain[method];
    await answer(request, response, counts[method]);
  });
  using client = createTestClient(options);
  const result = await client
    .pushBlob({ registry: server.host, repository: 'app' }, pushed, options)
    .catch((error: Error & { code: string }) => ({ how: error.code, sentBytes: -1, message: error.message }));
  return { result, lines, received: Buffer.concat(received), pauses: client.pauses, server };
}

const encoded = encodeURIComponent(descriptor.digest);

test('the address that the registry gave is used as it is, with the digest behind it', async () => {
  const { result, lines, received } = await push({});
  assert.deepEqual(result, { how: 'sent', sentBytes: bytes.length });
  assert.deepEqual(lines, [
    `HEAD /v2/app/blobs/${descriptor.digest}`,
    `POST ${uploads}`,
    `PUT ${uploads}one?state=a%2Fb&digest=${encoded}`,
  ]);
  assert.ok(received.equals(bytes));
});

test('an upload to another host gets the bytes, and no credentials', async () => {
  await using storage = await startScriptedServer(async (request, response) => {
    await readRequest(request);
    response.writeHead(201).end();
  });
  const credentials = () =>
    Promise.resolve({ type: 'password', username: 'ann', password: 'secret-one' } as const);
  const guarded: Answer = (request, response) => {
    if (request.headers.authorization === undefined) {
      response.setHeader('www-authenticate', 'Basic realm="x"');
      return sendError(response, 401, 'UNAUTHORIZED');
    }
    return sendError(response, 404, 'BLOB_UNKNOWN');
  };
  const post: Answer = (_, response) =>
    void response.writeHead(202, { location: `http://${storage.host}/up` }).end();
  const { result } = await push({ head: guarded, post }, { credentials });
  assert.equal(result.how, 'sent');
  assert.equal(storage.seen[0]?.url, `/up?digest=${encoded}`);
  assert.equal(storage.seen[0]?.headers.authorization, undefined);
  assert.equal(storage.seen[0]?.headers['content-length'], String(bytes.length));
});

for (const [what, location] of [
  ['none', undefined],
  ['no address', 'http://[bad'],
  ['another scheme', 'file:///etc/passwd'],
  ['an endless one', `/${'x'.repeat(9000)}`],
] as const) {
  test(`an upload whose address is ${what} breaks the protocol`, async () => {
    const post: Answer = (_, response) =>
      void response.writeHead(202, location === undefined ? {} : { location }).end();
    assert.equal((await push({ post })).result.how, 'REGISTRY_PROTOCOL');
  });
}

test('a broken upload goes on where the registry stands', async () => {
  const kept: Buffer[] = [];
  const put: Answer = async (request, response) => {
    if (request.url?.includes('state=a')) {
      let length = 0;
      for await (const chunk of request) {
        const piece = (chunk as Buffer).subarray(0, 1_000_000 - length);
        kept.push(piece);
        length += piece.length;
        if (length === 1_000_000) break;
      }
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(201).end();
  };
  const get: Answer = (_, response, n) => {
    // where it stands is asked again when nobody answers
    if (n === 1) return sendError(response, 503, 'UNAVAILABLE');
    response.writeHead(204, { range: '0-999999', location: `${uploads}one?state=resumed` }).end();
  };
  const patch: Answer = async (request, response) => {
    kept.push(await readRequest(request));
    response.writeHead(202, { location: `${uploads}one?state=done`, range: `0-${bytes.length - 1}` }).end();
  };
  const { result, lines } = await push({ put, get, patch });
  assert.equal(result.how, 'sent');
  assert.deepEqual(lines.slice(2), [
    `PUT ${uploads}one?state=a%2Fb&digest=${encoded}`,
    `HEAD /v2/app/blobs/${descriptor.digest}`,
    `GET ${uploads}one?state=a%2Fb`,
    `GET ${uploads}one?state=a%2Fb`,
    `PATCH ${uploads}one?state=resumed 1000000-2999999`,
    `PUT ${uploads}one?state=done&digest=${encoded}`,
  ]);
  assert.ok(Buffer.concat(kept).equals(bytes));
});

test('an upload that the registry forgot starts over', async () => {
  let first = true;
  const put: Answer = async (request, response) => {
    const length = (await readRequest(request)).length;
    if (first) {
      first = false;
      return sendError(response, 404, 'BLOB_UPLOAD_UNKNOWN');
    }
    assert.equal(length, bytes.length);
    response.writeHead(201).end();
  };
  const { result, lines } = await push({ put });
  assert.equal(result.how, 'sent');
  assert.equal(lines.filter((line) => line.startsWith('POST')).length, 2);
});

test('an answer that got lost is found out by looking', async () => {
  let there = false;
  const head: Answer = (_, response) => {
    if (there) response.writeHead(200, { 'content-length': '0' }).end();
    else sendError(response, 404, 'BLOB_UNKNOWN');
  };
  const put: Answer = async (request) => {
    await readRequest(request);
    there = true;
    request.socket.destroy();
  };
  const { result, lines } = await push({ head, put });
  assert.deepEqual(result, { how: 'sent', sentBytes: bytes.length });
  assert.equal(lines.filter((line) => line.startsWith('PUT')).length, 1);
});

test('a registry that is busy, then broken, is tried again; one that stays so is given up', async () => {
  const put: Answer = async (request, response, n) => {
    await readRequest(request);
    if (n === 1) return void response.writeHead(429, { 'retry-after': '3' }).end();
    if (n === 2) return void response.writeHead(500).end();
    response.writeHead(201).end();
  };
  const { result, pauses } = await push({ put });
  assert.equal(result.how, 'sent');
  assert.deepEqual(pauses, [3000, 500]);
  const broken: Answer = async (request, response) => {
    await readRequest(request);
    response.writeHead(500).end();
  };
  assert.equal((await push({ put: broken })).result.how, 'REGISTRY_UNAVAILABLE');
});

test('one piece that is too large goes in chunks', async () => {
  const put: Answer = async (request, response) => {
    if (Number(request.headers['content-length']) > 0)
      return void response.writeHead(413).end('<html>nginx</html>');
    await readRequest(request);
    response.writeHead(201).end();
  };
  const { result, lines, received } = await push({ put });
  assert.equal(result.how, 'sent');
  assert.ok(received.equals(bytes));
  assert.ok(lines.some((line) => line.startsWith('PATCH')));
  const patch: Answer = (_, response) => void response.writeHead(413).end();
  const refused = (await push({ put, patch })).result;
  assert.equal(refused.how, 'REGISTRY_UNSUPPORTED');
});

test('chunks are as large as the registry wants them', async () => {
  const post: Answer = (_, response) =>
    void response.writeHead(202, { location: `${uploads}one`, 'oci-chunk-min-length': '1200000' }).end();
  const { lines, received } = await push({ post }, { chunkBytes: 1000 });
  assert.deepEqual(
    lines.filter((line) => line.startsWith('PATCH')).map((line) => line.split(' ')[2]),
    ['0-1199999', '1200000-2399999', '2400000-2999999'],
  );
  assert.ok(received.equals(bytes));
});

test('a registry that takes less than it was sent gets the rest', async () => {
  const taken: Buffer[] = [];
  const patch: Answer = async (request, response, n) => {
    const body = await readRequest(request);
    taken.push(n === 1 ? body.subarray(0, 500_000) : body);
    const length = Buffer.concat(taken).length;
    response.writeHead(202, { location: `${uploads}one`, range: `0-${length - 1}` }).end();
  };
  const put: Answer = (_, response) => void response.writeHead(201).end();
  const { result } = await push({ patch, put }, { chunkBytes: 1_000_000 });
  assert.equal(result.how, 'sent');
  assert.ok(Buffer.concat(taken).equals(bytes));
});

test('a registry that keeps nothing, or forgets again and again, is given up', async () => {
  const drain: Answer = async (request, response) => {
    await readRequest(request);
    response.writeHead(202, { location: `${uploads}one`, range: '0-9' }).end();
  };
  assert.equal((await push({ patch: drain }, { chunkBytes: 1_000_000 })).result.how, 'REGISTRY_PROTOCOL');
  const forget: Answer = async (request, response, n) => {
    await readRequest(request);
    if (n % 2 === 0) return void response.writeHead(500).end();
    response.writeHead(202, { location: `${uploads}one` }).end();
  };
  const { result, lines } = await push({ patch: forget }, { chunkBytes: 1_500_000 });
  assert.equal(result.how, 'REGISTRY_UNAVAILABLE');
  assert.ok(lines.length < 50);
});

test('a mount that works sends nothing; one that is refused sends the bytes', async () => {
  const mounted: Answer = (_, response) => void response.writeHead(201, { location: '/x' }).end();
  const taken = await push({ post: mounted }, { mountFrom: ['app', 'base/os'] });
  assert.deepEqual(taken.result, { how: 'mounted', sentBytes: 0 });
  assert.deepEqual(taken.lines, [`POST ${uploads}?mount=${encoded}&from=base%2Fos`]);
  for (const status of [403, 404, 405]) {
    const post: Answer = (request, response) => {
      if (request.url?.includes('mount=')) return sendError(response, status, 'DENIED');
      response.writeHead(202, { location: `${uploads}two` }).end();
    };
    const refused = await push({ post }, { mountFrom: ['secret/one', 'secret/two'] });
    assert.equal(refused.result.how, 'sent');
  }
});

test('a new blob is sent unseen', async () => {
  const { result, lines } = await push({}, { look: false });
  assert.equal(result.how, 'sent');
  assert.deepEqual(
    lines.map((line) => line.split(' ')[0]),
    ['POST', 'PUT'],
  );
});

test('an upload that is opened instead of a mount is used', async () => {
  const { result, lines } = await push({}, { mountFrom: ['base/os'] });
  assert.equal(result.how, 'sent');
  assert.equal(lines.filter((line) => line.startsWith('POST')).length, 1);
});

test('content that the registry finds wrong is not sent again', async () => {
  const put: Answer = async (request, response) => {
    await readRequest(request);
    sendError(response, 400, 'DIGEST_INVALID', 'provided digest did not match uploaded content');
  };
  const { result, lines } = await push({ put });
  assert.equal(result.how, 'DIGEST_MISMATCH');
  assert.equal(lines.filter((line) => line.startsWith('PUT')).length, 1);
});

test('no right to push is said at once', async () => {
  const post: Answer = (_, response) => sendError(response, 403, 'DENIED', 'requested access is denied');
  const { result, lines } = await push({ post });
  assert.equal(result.how, 'REGISTRY_DENIED');
  assert.equal(lines.length, 2);
});

test('a source that cannot be opened at an offset is asked only for what it must', async () => {
  const offsets: number[] = [];
  const counted = {
    descriptor,
    open(offset: number) {
      offsets.push(offset);
      return blob.open(offset);
    },
  };
  await push({}, { chunkBytes: 1_000_000 }, counted);
  assert.deepEqual(offsets, [0, 1_000_000, 2_000_000]);
});

test('sha512 goes into the address', async () => {
  const long = blobOf(bytes, 'sha512');
  const { result, lines } = await push({}, {}, long.blob);
  assert.equal(result.how, 'sent');
  assert.ok(lines.at(-1)?.includes(`digest=sha512%3A`));
  assert.notEqual(digestOf(bytes), long.descriptor.digest);
});
