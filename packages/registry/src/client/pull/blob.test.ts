import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test } from 'node:test';
import { blobOf, collect } from '../testing/sample-content.ts';
import { sendError, startScriptedServer } from '../testing/scripted-server.ts';
import { createTestClient } from '../testing/test-client.ts';

const bytes = randomBytes(300_000);
const { descriptor } = blobOf(bytes);

type Answer = (request: IncomingMessage, response: ServerResponse, n: number) => void;

/** Pulls the blob from a server that answers each request for it in its own way; the last way stays. */
async function pull(
  answers: readonly Answer[],
  options: { offset?: number; wanted?: typeof descriptor } = {},
) {
  let n = 0;
  await using server = await startScriptedServer((request, response) => {
    if (request.url === '/v2/') return void response.end();
    const answer = answers[Math.min(n, answers.length - 1)];
    answer?.(request, response, n++);
  });
  using client = createTestClient();
  const app = { registry: server.host, repository: 'app' };
  const result = await collect(client.blob(app, options.wanted ?? descriptor, options)).then(
    (content) => ({ content, error: undefined }),
    (error: Error & { code: string }) => ({ content: undefined, error }),
  );
  const ranges = server.seen.slice(1).map(({ headers }) => headers.range);
  return { ...result, ranges, seen: server.seen.slice(1), pauses: client.pauses };
}

const whole: Answer = (_, response) => {
  response.writeHead(200, { 'content-length': String(bytes.length), etag: '"v1"' });
  response.end(bytes);
};

/** Says that everything comes, then breaks off after `length` bytes. */
function broken(length: number, how: 'reset' | 'end' = 'reset'): Answer {
  return (request, response) => {
    const start = startOf(request);
    const head = { 'content-length': String(bytes.length - start), etag: '"v1"' };
    const range = { 'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
    if (how === 'end') {
      response.useChunkedEncodingByDefault = false;
      response.writeHead(200, { connection: 'close' });
      return void response.end(bytes.subarray(0, length));
    }
    response.writeHead(start === 0 ? 200 : 206, start === 0 ? head : { ...head, ...range });
    response.write(bytes.subarray(start, start + length), () =>
      setTimeout(() => response.socket?.resetAndDestroy(), 10),
    );
  };
}

const ranged: Answer = (request, response) => {
  const start = startOf(request);
  response.writeHead(206, {
    'content-length': String(bytes.length - start),
    'content-range': `bytes ${start}-${bytes.length - 1}/${bytes.length}`,
  });
  response.end(bytes.subarray(start));
};

const startOf = (request: IncomingMessage) =>
  Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);

test('a break is mended with a range', async () => {
  const { content, ranges, seen } = await pull([broken(100_000), broken(50_000), ranged]);
  assert.ok(content?.equals(bytes));
  assert.equal(ranges.length, 3);
  assert.equal(ranges[0], undefined);
  assert.match(ranges[2] ?? '', /^bytes=\d+-$/);
  assert.equal(seen[1]?.headers['if-range'], '"v1"');
});

test('a server without ranges starts over, and what came is passed over', async () => {
  const { content } = await pull([broken(100_000), whole]);
  assert.ok(content?.equals(bytes));
});

test('a body that ends early without a word is a break', async () => {
  const { content, ranges } = await pull([broken(100_000, 'end'), ranged]);
  assert.ok(content?.equals(bytes));
  assert.equal(ranges[1], 'bytes=100000-');
});

test('a range that begins too early is cut, one that begins too late refused', async () => {
  const early: Answer = (request, response) => {
    const start = startOf(request) - 1000;
    response.writeHead(206, { 'content-range': `bytes ${start}-${bytes.length - 1}/*` });
    response.end(bytes.subarray(start));
  };
  assert.ok((await pull([broken(100_000), early])).content?.equals(bytes));
  const late: Answer = (_, response) => {
    response.writeHead(206, { 'content-range': `bytes 200000-${bytes.length - 1}/${bytes.length}` });
    response.end(bytes.subarray(200_000));
  };
  assert.equal((await pull([broken(100_000), late])).error?.code, 'REGISTRY_PROTOCOL');
  const unsaid: Answer = (_, response) => void response.writeHead(206).end(bytes.subarray(100_000));
  assert.equal((await pull([broken(100_000), unsaid])).error?.code, 'REGISTRY_PROTOCOL');
});

test('a range of another whole is refused', async () => {
  const other: Answer = (request, response) => {
    response.writeHead(206, { 'content-range': `bytes ${startOf(request)}-299999/999999` });
    response.end(bytes.subarray(startOf(request)));
  };
  assert.equal((await pull([broken(100_000), other])).error?.code, 'DIGEST_MISMATCH');
});

test('other content of the same size is noticed at the end', async () => {
  const wrong: Answer = (_, response) => void response.end(Buffer.alloc(bytes.length));
  const { error, seen } = await pull([wrong]);
  assert.equal(error?.code, 'DIGEST_MISMATCH');
  assert.match(error.message, /app@sha256:/);
  assert.equal(seen.length, 1);
});

test('another length is noticed before anything is passed on', async () => {
  const longer: Answer = (_, response) => void response.end(Buffer.concat([bytes, bytes]));
  assert.equal((await pull([longer])).error?.code, 'DIGEST_MISMATCH');
});

test('a body without end is cut where the blob ends', async () => {
  let sent = 0;
  const endless: Answer = (_, response) => {
    const timer = setInterval(() => {
      sent += 100_000;
      response.write(Buffer.alloc(100_000));
    }, 1);
    response.on('close', () => clearInterval(timer));
  };
  assert.equal((await pull([endless])).error?.code, 'DIGEST_MISMATCH');
  assert.ok(sent < 100_000_000);
});

test('a server that breaks off again and again is given up', async () => {
  const { error, seen } = await pull([broken(10)]);
  assert.equal(error?.code, 'REGISTRY_UNREACHABLE');
  assert.equal(seen.length, 5);
});

test('a blob from an offset is not verified by digest, but by size', async () => {
  const { content, ranges } = await pull([ranged], { offset: 299_000 });
  assert.ok(content?.equals(bytes.subarray(299_000)));
  assert.deepEqual(ranges, ['bytes=299000-']);
  assert.ok((await pull([whole], { offset: 299_000 })).content?.equals(bytes.subarray(299_000)));
});

test('a web page and a missing blob are named', async () => {
  const page: Answer = (_, response) =>
    void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
  assert.equal((await pull([page])).error?.code, 'REGISTRY_PROTOCOL');
  const missing: Answer = (_, response) =>
    sendError(response, 404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  const { error } = await pull([missing]);
  assert.equal(error?.code, 'BLOB_NOT_FOUND');
  assert.ok(error.message.includes(descriptor.digest));
});

test('a busy registry is asked again', async () => {
  const busy: Answer = (_, response) => void response.writeHead(503, { 'retry-after': '1' }).end();
  const { content, pauses } = await pull([busy, busy, whole]);
  assert.ok(content?.equals(bytes));
  assert.deepEqual(pauses, [1000, 1000]);
});

test('content that the descriptor brings along is taken, when it is what it says', async () => {
  const small = Buffer.from('{}');
  const embedded = { ...blobOf(small).descriptor, data: small.toString('base64') };
  const taken = await pull([whole], { wanted: embedded });
  assert.equal(taken.content?.toString(), '{}');
  assert.equal(taken.seen.length, 0);
  const lying = { ...embedded, data: Buffer.from('[]').toString('base64') };
  const fetched = await pull([(_, response) => void response.end('{}')], { wanted: lying });
  assert.equal(fetched.content?.toString(), '{}');
});

test('progress tells where the stream is', async () => {
  await using server = await startScriptedServer((_, response) => void response.end(bytes));
  using client = createTestClient();
  const seen: number[] = [];
  const stream = client.blob({ registry: server.host, repository: 'app' }, descriptor, {
    onProgress: (n) => seen.push(n),
  });
  await collect(stream);
  assert.equal(seen.at(-1), bytes.length);
  assert.deepEqual(
    seen,
    [...seen].sort((a, b) => a - b),
  );
});
