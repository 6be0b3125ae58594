import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { collect } from '../testing/sample-content.ts';
import { readRequest, startScriptedServer } from '../testing/scripted-server.ts';
import { createAgentPool } from './agents.ts';
import type { HttpRequest } from './http-message.ts';
import { readBytes } from './read-bytes.ts';
import { createSendRequest } from './send-request.ts';

const pools: { close(): void }[] = [];
after(() => {
  for (const pool of pools) pool.close();
});

function newSend(times: { connectMs?: number; idleMs?: number; connections?: number } = {}) {
  const connectMs = times.connectMs ?? 5000;
  const agents = createAgentPool({
    connectMs,
    maxConnectionsPerHost: times.connections ?? 8,
    systemCa: false,
  });
  pools.push(agents);
  return createSendRequest({ agents, connectMs, idleMs: times.idleMs ?? 5000 });
}

function get(host: string, extra: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'GET', url: new URL(`http://${host}`), headers: {}, ...extra };
}

async function startRawServer(onSocket: (socket: Socket, n: number) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    onSocket(socket, sockets.size);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = (server.address() as AddressInfo).port;
  return {
    host: `127.0.0.1:${port}`,
    port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

test('an answer is read and its connection used again', async () => {
  await using server = await startScriptedServer((_, response) => void response.end('hello'));
  const send = newSend();
  for (let i = 0; i < 3; i++) {
    const answer = await send(get(server.host));
    assert.equal(Buffer.from(await readBytes(answer, 100)).toString(), 'hello');
  }
  assert.equal(server.connections(), 1);
});

test('a discarded answer keeps its connection when little is left, and ends it when much is', async () => {
  await using server = await startScriptedServer((request, response) => {
    response.end(Buffer.alloc(request.url === '/big' ? 50_000_000 : 1000));
  });
  const send = newSend({ connections: 1 });
  for (const path of ['/small', '/small', '/big', '/small']) {
    await (await send(get(`${server.host}${path}`))).discard();
  }
  assert.equal(server.connections(), 2);
});

test('a kept connection that the peer closed meanwhile is replaced without a word', async () => {
  await using server = await startRawServer((socket) => {
    let requests = 0;
    socket.on('data', () => {
      if (++requests > 1) socket.resetAndDestroy();
      else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
    });
  });
  const send = newSend();
  for (let i = 0; i < 3; i++) {
    const answer = await send(get(server.host));
    assert.equal((await readBytes(answer, 10)).length, 2);
  }
});

test('nobody there, no HTTP, a reset and silence are told apart', async () => {
  await using noHttp = await startRawServer((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
  await using reset = await startRawServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
  await using silent = await startRawServer(() => undefined);
  const send = newSend({ idleMs: 50 });
  await assert.rejects(send(get('127.0.0.1:1')), { code: 'REGISTRY_UNREACHABLE', message: /refused/ });
  await assert.rejects(send(get(noHttp.host)), { code: 'REGISTRY_PROTOCOL', message: /does not speak HTTP/ });
  await assert.rejects(send(get(reset.host)), { code: 'REGISTRY_UNREACHABLE', message: /broke off/ });
  await assert.rejects(send(get(silent.host)), { code: 'REGISTRY_UNREACHABLE', message: /silent/ });
});

test('a TLS handshake that never ends is given up', async () => {
  await using silent = await startRawServer(() => undefined);
  const send = newSend({ connectMs: 50 });
  const request = { ...get(silent.host), url: new URL(`https://${silent.host}/`) };
  await assert.rejects(send(request), { code: 'REGISTRY_UNREACHABLE', message: /in time/ });
});

test('a body that stops coming is given up; a slow reader is not', async () => {
  await using server = await startRawServer((socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 200000\r\n\r\nstart'));
  });
  const stalled = await newSend({ idleMs: 50 })(get(server.host));
  await assert.rejects(collect(stalled.body), { code: 'REGISTRY_UNREACHABLE', message: /silent/ });

  await using big = await startScriptedServer((_, response) => void response.end(Buffer.alloc(300_000)));
  const answer = await newSend({ idleMs: 50 })(get(big.host));
  let length = 0;
  for await (const chunk of answer.body) {
    if (length === 0) await new Promise((resolve) => setTimeout(resolve, 150));
    length += chunk.length;
  }
  assert.equal(length, 300_000);
});

test('a slow source is waited for; a peer that stops reading is not', async () => {
  await using server = await startScriptedServer(async (request, response) => {
    response.end(String((await readRequest(request)).length));
  });
  async function* slowly() {
    yield Buffer.alloc(10);
    await new Promise((resolve) => setTimeout(resolve, 150));
    yield Buffer.alloc(10);
  }
  const send = newSend({ idleMs: 50 });
  const answer = await send(get(server.host, { method: 'PUT', body: { length: 20, open: slowly } }));
  assert.equal(Buffer.from(await readBytes(answer, 10)).toString(), '20');

  await using deaf = await startRawServer((socket) => socket.pause());
  function* endless() {
    for (let i = 0; i < 1000; i++) yield Buffer.alloc(100_000);
  }
  const body = { length: 100_000_000, open: endless };
  await assert.rejects(send(get(deaf.host, { method: 'PUT', body })), { code: 'REGISTRY_UNREACHABLE' });
});

test('an answer before the end of the body stops the sending', async () => {
  await using server = await startScriptedServer((_, response) => {
    response.writeHead(413, { 'content-length': '3' });
    response.end('too');
  });
  let sent = 0;
  let ended = false;
  async function* endless() {
    try {
      for (let i = 0; i < 100_000; i++) {
        sent += 65_536;
        yield Buffer.alloc(65_536);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      ended = true;
    }
  }
  const send = newSend();
  const answer = await send(
    get(server.host, { method: 'PUT', body: { length: 65_536 * 100_000, open: endless } }),
  );
  assert.equal(answer.status, 413);
  assert.equal(Buffer.from(await readBytes(answer, 10)).toString(), 'too');
  for (let i = 0; i < 1000 && !ended; i++) await new Promise((resolve) => setImmediate(resolve));
  assert.ok(ended);
  assert.ok(sent < 65_536 * 100_000);
});

test('a body of another length than announced is never finished', async () => {
  await using server = await startScriptedServer(async (request, response) => {
    await readRequest(request);
    response.end();
  });
  const send = newSend();
  for (const length of [5, 15]) {
    const body = { length, open: () => [Buffer.alloc(10)] };
    await assert.rejects(send(get(server.host, { method: 'PUT', body })), { code: 'DIGEST_MISMATCH' });
  }
});

test('endless answers are cut at the limit', async () => {
  await using server = await startScriptedServer((request, response) => {
    if (request.url === '/announced') response.writeHead(200, { 'content-length': '999999999' });
    const timer = setInterval(() => response.write(Buffer.alloc(10_000)), 1);
    response.on('close', () => clearInterval(timer));
  });
  const send = newSend();
  for (const path of ['/announced', '/chunked']) {
    const answer = await send(get(`${server.host}${path}`));
    await assert.rejects(readBytes(answer, 100_000), {
      code: 'REGISTRY_PROTOCOL',
      message: /more than 100000/,
    });
  }
});

test('a signal ends a request that waits, and one that reads', async () => {
  await using server = await startScriptedServer((request, response) => {
    if (request.url === '/body') response.write('start');
  });
  const send = newSend();
  const stop = new AbortController();
  const waiting = send(get(server.host, { signal: stop.signal }));
  setTimeout(() => stop.abort(), 20);
  await assert.rejects(waiting, { code: 'CANCELED' });
  await assert.rejects(send(get(server.host, { signal: stop.signal })), { code: 'CANCELED' });

  const halt = new AbortController();
  const url = new URL(`http://${server.host}/body`);
  const answer = await send({ method: 'GET', url, headers: {}, signal: halt.signal });
  setTimeout(() => halt.abort(), 20);
  await assert.rejects(collect(answer.body), { code: 'CANCELED' });
});
