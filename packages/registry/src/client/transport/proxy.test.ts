import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { before, describe, test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import { findProgram, requireProgram, temporaryFolder } from '@onebuild/testkit';
import type { RegistryClientOptions } from '../registry-client-options.ts';
import { startScriptedServer } from '../testing/scripted-server.ts';
import { makeTestCertificates, type TestCertificates } from '../testing/test-certificates.ts';
import { createTestClient } from '../testing/test-client.ts';

const digest = digestOf('x');
const repository = 'app';

/** A proxy that leads every CONNECT to `port`, and answers plain requests itself. */
async function startProxy(port: number, refuse = false) {
  const seen: { line: string; authorization: string | undefined }[] = [];
  const note = ({ method, url, headers }: IncomingMessage) =>
    seen.push({ line: `${method} ${url}`, authorization: headers['proxy-authorization'] });
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    note(request);
    response.end();
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  server.on('connect', (request: IncomingMessage, socket: Socket) => {
    note(request);
    if (refuse) {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n');
      return;
    }
    const upstream = connect(port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket);
      socket.pipe(upstream);
    });
    sockets.add(upstream);
    for (const end of [socket, upstream]) end.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function ask(registry: string, options: RegistryClientOptions): Promise<boolean> {
  using client = createTestClient({ retry: { attempts: 1 }, ...options });
  return await client.hasBlob({ registry, repository }, digest);
}

test('plain HTTP goes through its proxy, but not to excluded hosts and not to loopback', async () => {
  await using server = await startScriptedServer((_, response) => void response.end());
  await using proxy = await startProxy(server.port);
  const http = `http://user:p%40ss@${proxy.url}`;
  const endpoints = { 'registry.test': 'http://registry.test:81' };
  assert.equal(await ask('registry.test', { endpoints, proxy: { http } }), true);
  const authorization = `Basic ${Buffer.from('user:p@ss').toString('base64')}`;
  assert.deepEqual(proxy.seen, [
    { line: `HEAD http://registry.test:81/v2/app/blobs/${digest}`, authorization },
  ]);
  assert.equal(await ask(server.host, { proxy: { http } }), true);
  const unresolvable = { 'registry.invalid': 'http://registry.invalid:81' };
  await assert.rejects(
    ask('registry.invalid', { endpoints: unresolvable, proxy: { http, no: 'a.test, .invalid' } }),
    {
      code: 'REGISTRY_UNREACHABLE',
    },
  );
  assert.equal(proxy.seen.length, 1);
});

if (findProgram('openssl') === undefined) {
  test('TLS through a proxy', (t) => void requireProgram(t, 'openssl', 'apt-get install openssl'));
} else {
  describe('TLS through a proxy', () => {
    let certificates: TestCertificates;
    before(() => {
      certificates = makeTestCertificates(temporaryFolder());
    });

    test('the tunnel is verified end to end and reused', async () => {
      await using server = await startScriptedServer(
        (_, response) => void response.writeHead(200, { 'content-length': '0' }).end(),
        certificates.server,
      );
      await using proxy = await startProxy(server.port);
      const https = `http://${proxy.url}`;
      // the certificate is for another name
      await assert.rejects(ask('registry.test', { proxy: { https }, ca: [certificates.ca] }), {
        code: 'REGISTRY_TLS',
      });
      using client = createTestClient({ proxy: { https }, insecure: ['registry.test'] });
      for (let i = 0; i < 3; i++) {
        assert.equal(await client.hasBlob({ registry: 'registry.test', repository }, digest), true);
      }
      assert.equal(server.connections(), 2);
      assert.ok(proxy.seen.every(({ line }) => line === 'CONNECT registry.test:443'));
    });

    test('a proxy that refuses is named, its password is not', async () => {
      await using proxy = await startProxy(1, true);
      const https = `http://user:proxypassword@${proxy.url}`;
      await assert.rejects(ask('registry.test', { proxy: { https } }), (error: Error & { code: string }) => {
        assert.equal(error.code, 'REGISTRY_UNREACHABLE');
        assert.match(error.message, /proxy/);
        assert.doesNotMatch(error.message, /proxypassword/);
        return true;
      });
    });
  });
}
