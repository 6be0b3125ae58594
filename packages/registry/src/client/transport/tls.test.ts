import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import { findProgram, requireProgram, temporaryFolder } from '@onebuild/testkit';
import type { RegistryClientOptions } from '../registry-client-options.ts';
import { startScriptedServer } from '../testing/scripted-server.ts';
import { makeTestCertificates, type TestCertificates } from '../testing/test-certificates.ts';
import { createTestClient } from '../testing/test-client.ts';

const digest = digestOf('x');

async function ask(host: string, options: RegistryClientOptions): Promise<boolean> {
  using client = createTestClient({ retry: { attempts: 1 }, ...options });
  return await client.hasBlob({ registry: host, repository: 'app' }, digest);
}

if (findProgram('openssl') === undefined) {
  test('TLS to registries', (t) => void requireProgram(t, 'openssl', 'apt-get install openssl'));
} else {
  describe('TLS to registries', () => {
    let certificates: TestCertificates;
    const startTls = (ca?: string) =>
      startScriptedServer((_, response) => void response.end(), {
        ...certificates.server,
        ...(ca && { ca }),
      });

    before(() => {
      certificates = makeTestCertificates(temporaryFolder());
    });

    test('an unknown authority is refused, a given one trusted', async () => {
      await using server = await startTls();
      const endpoints = { [server.host]: `https://${server.host}` };
      await assert.rejects(ask(server.host, { endpoints }), { code: 'REGISTRY_TLS' });
      assert.equal(server.seen.length, 0);
      assert.equal(await ask(server.host, { endpoints, ca: [certificates.ca] }), true);
    });

    test("at an endpoint the certificate is that of the endpoint's name", async () => {
      await using server = await startTls();
      const endpoints = { 'registry.test': `https://${server.host}` };
      assert.equal(await ask('registry.test', { endpoints, ca: [certificates.ca] }), true);
      await assert.rejects(ask('registry.test', { endpoints }), {
        code: 'REGISTRY_TLS',
        message: new RegExp(`TLS with ${server.host} failed`),
      });
    });

    test('on loopback TLS is found where plain HTTP gets no answer', async () => {
      await using server = await startTls();
      assert.equal(await ask(server.host, { ca: [certificates.ca] }), true);
      await assert.rejects(ask(server.host, {}), { code: 'REGISTRY_TLS' });
    });

    test('an insecure host is taken without proof, by TLS or without', async () => {
      await using server = await startTls();
      const registry = server.host.replace('127.0.0.1', 'localhost');
      assert.equal(await ask(registry, { insecure: [registry] }), true);
      assert.equal(await ask(registry, { insecure: ['localhost'] }), true);
    });

    test("Docker's certs.d brings authority and client certificate", async (t) => {
      const folder = temporaryFolder(t);
      await using server = await startTls(certificates.ca);
      const endpoints = { [server.host]: `https://${server.host}` };
      await assert.rejects(ask(server.host, { endpoints, ca: [certificates.ca] }), { kind: 'network' });

      const own = join(folder, server.host);
      mkdirSync(own);
      writeFileSync(join(own, 'ca.crt'), certificates.ca);
      writeFileSync(join(own, 'client.cert'), certificates.client.cert);
      await assert.rejects(ask(server.host, { endpoints, certsDirs: [folder] }), {
        code: 'FILE_ACCESS',
        message: /client\.key/,
      });
      writeFileSync(join(own, 'client.key'), certificates.client.key);
      assert.equal(await ask(server.host, { endpoints, certsDirs: ['/nonexistent', folder] }), true);
      const clientCertificates = { [server.host]: certificates.client };
      assert.equal(await ask(server.host, { endpoints, ca: [certificates.ca], clientCertificates }), true);
    });

    test('an authority that is no PEM is a TLS fault, not a crash', async () => {
      await using server = await startTls();
      const endpoints = { [server.host]: `https://${server.host}` };
      const bad = '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n';
      await assert.rejects(ask(server.host, { endpoints, ca: [bad] }), { code: 'REGISTRY_TLS' });
    });
  });
}
