import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  assertTagsWhole,
  atRequest,
  createTokenGate,
  type FaultProxy,
  findProgram,
  type ProxyFault,
  type RegistryService,
  requireProgram,
  seededBytes,
  startDockerRegistry,
  startFaultProxy,
  startOneBuildRegistry,
} from '@onebuild/testkit';
import type { RegistryClientOptions } from './registry-client-options.ts';
import { assertClear, roundTrip, sampleImage } from './testing/round-trip.ts';
import { createTestClient } from './testing/test-client.ts';

const login = { type: 'password', username: 'ann', password: 'canary-password' } as const;
const attempts = 4;

const once: Readonly<Record<string, ProxyFault>> = {
  'a reset before the registry hears of it': { do: 'reset', at: 'request' },
  'a reset when the registry has done it': { do: 'reset', at: 'answer' },
  'a reset in the middle of an answer': { do: 'reset', at: 'body', bytes: 100 },
  'a reset in the middle of an upload': { do: 'reset', at: 'upload', bytes: 2000 },
  'a body that ends early': { do: 'truncate', bytes: 100 },
  'a gateway that fails': {
    do: 'answer',
    status: 502,
    headers: { 'content-type': 'text/html' },
    body: '<html>bad gateway</html>',
  },
  'a bit that turns': { do: 'garble' },
  'a bit of an upload that turns': { do: 'garble upload' },
};
/** What one such fault may end in, beside working in the end: streams cannot take back what they gave on. */
const mayEnd: Readonly<Record<string, readonly string[]>> = {
  'a bit that turns': ['DIGEST_MISMATCH', 'REGISTRY_PROTOCOL'],
  'a bit of an upload that turns': ['DIGEST_MISMATCH', 'BLOB_NOT_FOUND', 'MANIFEST_INVALID'],
};

function suite(
  name: string,
  start: () => Promise<RegistryService>,
  { faults, lasting }: { readonly faults: readonly string[]; readonly lasting: boolean },
): void {
  describe(`every request of a push and a pull, ${name}`, { timeout: 120_000 }, () => {
    let registry: RegistryService;
    let proxy: FaultProxy;
    before(async () => {
      registry = await start();
      proxy = await startFaultProxy(registry.host);
    });
    after(async () => {
      await proxy.close();
      await registry.close();
    });

    let rounds = 0;
    /** Breaks request 1, request 2, ... of a round trip each, until none is left. @returns what came of each */
    async function breakEach(fault: ProxyFault, options: RegistryClientOptions & { readonly on?: boolean }) {
      const errors: unknown[] = [];
      rounds++;
      for (let number = 1; ; number++) {
        const repository = `round-${rounds}/request-${number}`;
        const image = sampleImage((part, size) => seededBytes(`${repository}/${part}`, size));
        const gate = createTokenGate(proxy.host, login, atRequest(number, fault, options));
        proxy.play(gate.script);
        using client = createTestClient({
          ...options,
          retry: { attempts },
          credentials: () => Promise.resolve(login),
        });
        let error: unknown;
        await roundTrip(client, proxy.host, { image, repository }).catch((thrown: unknown) => {
          error = thrown;
        });
        if (proxy.seen.length < number) {
          assert.equal(error, undefined);
          assert.ok(number > 11, `${number} requests`);
          return errors;
        }
        if (error !== undefined) {
          assertClear(error, proxy.host, repository);
          assert.ok(!error.message.includes(login.password));
        }
        errors.push(error);
        // nothing is asked for more often than the budget allows: by far
        assert.ok(proxy.seen.length < 60, `${proxy.seen.length} requests`);
      }
    }

    const chunkSizes = lasting ? [0, 40_000] : [40_000];
    for (const what of faults) {
      test(`${what}, once`, async () => {
        for (const chunkBytes of what.includes('upload') ? chunkSizes : [0]) {
          const fault = once[what];
          assert.ok(fault);
          const errors = await breakEach(fault, { chunkBytes });
          const codes = errors.flatMap((error) =>
            error === undefined ? [] : [(error as { code: string }).code],
          );
          for (const code of codes) assert.ok(mayEnd[what]?.includes(code), code);
        }
      });
    }

    if (lasting) {
      for (const [what, fault, code] of [
        ['resets', { do: 'reset', at: 'answer' }, 'REGISTRY_UNREACHABLE'],
        ['failures', { do: 'answer', status: 503 }, 'REGISTRY_UNAVAILABLE'],
      ] as const) {
        test(`${what} without end`, async () => {
          const errors = await breakEach(fault, { on: true });
          for (const error of errors) assert.equal((error as { code: string }).code, code);
        });
      }

      test('a silence', async () => {
        const image = sampleImage((part, size) => seededBytes(`silence${part}`, size));
        const trips = Array.from({ length: 18 }, async (_, at) => {
          const quiet = await startFaultProxy(registry.host);
          const stalls: readonly ProxyFault[] = [
            { do: 'stall', at: 'request' },
            { do: 'stall', at: 'answer' },
            { do: 'stall', at: 'body', bytes: 10 },
          ];
          const gate = createTokenGate(quiet.host, login, atRequest(at + 1, stalls[at % 3] as ProxyFault));
          quiet.play(gate.script);
          using client = createTestClient({
            timeouts: { idleMs: 1000 },
            credentials: () => Promise.resolve(login),
          });
          await roundTrip(client, quiet.host, { image, repository: `silence/r${at}` });
          await quiet.close();
        });
        await Promise.all(trips);
      });
    }

    test('what tags name is all there', async () => {
      assert.ok(Object.keys(await assertTagsWhole(registry.url)).length > 20);
    });
  });
}

suite('our own registry', () => startOneBuildRegistry(), { faults: Object.keys(once), lasting: true });
if (findProgram('docker-registry') === undefined) {
  test("faults before Debian's docker-registry", (t) =>
    void requireProgram(t, 'docker-registry', 'apt-get install docker-registry'));
} else {
  suite("Debian's docker-registry", () => startDockerRegistry(), {
    faults: ['a reset when the registry has done it', 'a reset in the middle of an upload'],
    lasting: false,
  });
}
