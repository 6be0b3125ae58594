import assert from 'node:assert/strict';
import { type AddressInfo, createServer } from 'node:net';
import { test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import { createTestClient } from './testing/test-client.ts';

const plain = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const refusal = 'HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n';
const tlsHandshake = 0x16;

test('a break while the scheme is looked for is no answer to what the scheme is', async () => {
  for (const insecure of [[], ['127.0.0.1']]) {
    let breaks = 0;
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (bytes) => {
        if (bytes[0] === tlsHandshake) socket.end(refusal);
        else if (breaks++ < 2) socket.resetAndDestroy();
        else socket.end(plain);
      });
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const registry = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    using client = createTestClient({ insecure });
    try {
      assert.equal(await client.hasBlob({ registry, repository: 'app' }, digestOf('x')), true);
      assert.equal(breaks, 4);
    } finally {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
      });
    }
  }
});
