import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { fault } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import { createRegistryClient } from './create-registry-client.ts';
import type { RegistryClient, Repository } from './registry-client.ts';
import type { RegistryClientOptions } from './registry-client-options.ts';
import { startCuttingProxy } from './testing/cutting-proxy.ts';
import { blobOf, collect, manifestOf, pieces, sampleBlob } from './testing/sample-content.ts';

export interface RunningRegistry {
  /** `host:port`, plain HTTP on loopback, nobody needs a login. */
  readonly host: string;
  close(): Promise<unknown>;
}

const mebibyte = 1024 * 1024;

/** Everything that the client promises, against a registry that is a real one. */
export function registryClientContract(name: string, start: () => Promise<RunningRegistry>): void {
  describe(`registry client on ${name}`, () => {
    let registry: RunningRegistry;
    let client: RegistryClient;
    let counter = 0;
    const freshRepository = (): Repository => ({
      registry: registry.host,
      repository: `contract/repository-${++counter}`,
    });
    const newClient = (options: RegistryClientOptions = {}) =>
      createRegistryClient({ retry: { baseDelayMs: 1, maxDelayMs: 10 }, ...options });
    const pushImage = async (
      repository: Repository,
      extra: Readonly<Record<string, unknown>> = {},
      tag?: string,
    ) => {
      const config = blobOf(
        Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux', salt: Math.random() })),
      );
      const layer = sampleBlob(1000);
      await client.pushBlob(repository, config.blob);
      await client.pushBlob(repository, layer.blob);
      const manifest = manifestOf(config.descriptor, [layer.descriptor], extra);
      const descriptor = await client.pushManifest(repository, {
        ...manifest,
        ...(tag !== undefined && { tag }),
      });
      return { ...manifest, descriptor };
    };

    before(async () => {
      registry = await start();
      client = newClient();
    });
    after(async () => {
      client.close();
      await registry.close();
    });

    test('a pushed blob is there and comes back whole', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(300_000);
      assert.equal(await client.hasBlob(repository, descriptor.digest), false);
      const progress: number[] = [];
      const pushed = await client.pushBlob(repository, blob, { onProgress: (n) => progress.push(n) });
      assert.deepEqual(pushed, { how: 'sent', sentBytes: 300_000 });
      assert.equal(progress.at(-1), 300_000);
      assert.equal(await client.hasBlob(repository, descriptor.digest), true);
      assert.ok((await collect(client.blob(repository, descriptor))).equals(bytes));
    });

    test('a blob that is there is not sent again', async () => {
      const repository = freshRepository();
      const { blob } = sampleBlob(10_000);
      await client.pushBlob(repository, blob);
      const again = await client.pushBlob(repository, {
        ...blob,
        open: () => {
          throw new Error('nobody should read this');
        },
      });
      assert.deepEqual(again, { how: 'exists', sentBytes: 0 });
    });

    for (const size of [0, 1, 65_536]) {
      test(`a blob of ${size} bytes goes and comes`, async () => {
        const repository = freshRepository();
        const { bytes, blob, descriptor } = sampleBlob(size);
        await client.pushBlob(repository, blob);
        assert.ok((await collect(client.blob(repository, descriptor))).equals(bytes));
      });
    }

    test('a blob is read from an offset', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(200_000);
      await client.pushBlob(repository, blob);
      const tail = await collect(client.blob(repository, descriptor, { offset: 123_456 }));
      assert.ok(tail.equals(bytes.subarray(123_456)));
    });

    test('a blob of another repository is mounted', async () => {
      const [source, target] = [freshRepository(), freshRepository()];
      const { bytes, blob, descriptor } = sampleBlob(50_000);
      await client.pushBlob(source, blob);
      const pushed = await client.pushBlob(target, blob, { mountFrom: [source.repository] });
      assert.deepEqual(pushed, { how: 'mounted', sentBytes: 0 });
      assert.ok((await collect(client.blob(target, descriptor))).equals(bytes));
    });

    test('a mount that is not possible becomes an upload', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(50_000);
      const pushed = await client.pushBlob(repository, blob, {
        mountFrom: ['contract/nobody', repository.repository],
      });
      assert.equal(pushed.how, 'sent');
      assert.ok((await collect(client.blob(repository, descriptor))).equals(bytes));
    });

    test('content that is not what its digest says is refused and stays out', async () => {
      const repository = freshRepository();
      const { descriptor } = sampleBlob(5000);
      const other = sampleBlob(5000);
      const lie = { descriptor, open: (offset: number) => pieces(other.bytes, offset) };
      await assert.rejects(client.pushBlob(repository, lie), { code: 'DIGEST_MISMATCH' });
      assert.equal(await client.hasBlob(repository, descriptor.digest), false);
    });

    test('a source that ends early or fails leaves nothing', async () => {
      const repository = freshRepository();
      const { bytes, descriptor } = sampleBlob(5000);
      const short = { descriptor, open: () => pieces(bytes.subarray(0, 4000)) };
      await assert.rejects(client.pushBlob(repository, short), { code: 'DIGEST_MISMATCH' });
      const failing = {
        descriptor,
        async *open() {
          yield bytes.subarray(0, 100);
          throw fault('DISK_FULL', 'no room');
        },
      };
      await assert.rejects(client.pushBlob(repository, failing), { code: 'DISK_FULL' });
      assert.equal(await client.hasBlob(repository, descriptor.digest), false);
    });

    test('a blob goes in chunks', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(700_001);
      const chunked = newClient({ chunkBytes: 256 * 1024 });
      const pushed = await chunked.pushBlob(repository, blob);
      chunked.close();
      assert.deepEqual(pushed, { how: 'sent', sentBytes: 700_001 });
      assert.ok((await collect(client.blob(repository, descriptor))).equals(bytes));
    });

    for (const chunkBytes of [0, mebibyte]) {
      test(`an upload that breaks twice gets there (${chunkBytes === 0 ? 'in one piece' : 'in chunks'})`, async () => {
        const repository = freshRepository();
        const { bytes, blob, descriptor } = sampleBlob(6 * mebibyte);
        const proxy = await startCuttingProxy(registry.host, 'up', [2.5 * mebibyte, 1.5 * mebibyte]);
        const broken = newClient({ endpoints: { [registry.host]: `http://${proxy.host}` }, chunkBytes });
        const pushed = await broken.pushBlob(repository, blob);
        broken.close();
        await proxy.close();
        assert.equal(proxy.cuts(), 2);
        assert.equal(pushed.how, 'sent');
        assert.ok((await collect(client.blob(repository, descriptor))).equals(bytes));
      });
    }

    test('a download that breaks twice goes on where it stopped', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(6 * mebibyte);
      await client.pushBlob(repository, blob);
      const proxy = await startCuttingProxy(registry.host, 'down', [2 * mebibyte, 2 * mebibyte]);
      const broken = newClient({ endpoints: { [registry.host]: `http://${proxy.host}` } });
      const content = await collect(broken.blob(repository, descriptor));
      broken.close();
      await proxy.close();
      assert.equal(proxy.cuts(), 2);
      assert.ok(content.equals(bytes));
    });

    test('a blob of 64 MB goes and comes', async () => {
      const repository = freshRepository();
      const { blob, descriptor } = sampleBlob(64 * mebibyte);
      assert.equal((await client.pushBlob(repository, blob)).sentBytes, 64 * mebibyte);
      let length = 0;
      for await (const chunk of client.blob(repository, descriptor)) length += chunk.length;
      assert.equal(length, 64 * mebibyte);
    });

    test('many pushes at once; equal ones go over once', async () => {
      const repository = freshRepository();
      const samples = Array.from({ length: 12 }, () => sampleBlob(40_000));
      const [first] = samples;
      assert.ok(first);
      let opened = 0;
      const counted = {
        descriptor: first.descriptor,
        open(offset: number) {
          opened++;
          return first.blob.open(offset);
        },
      };
      const same = Array.from({ length: 8 }, () => client.pushBlob(repository, counted));
      const others = samples.slice(1).map(({ blob }) => client.pushBlob(repository, blob));
      const results = await Promise.all(same);
      await Promise.all(others);
      assert.equal(opened, 1);
      assert.equal(results.filter(({ how }) => how === 'sent').length, 1);
      for (const { bytes, descriptor } of samples) {
        assert.ok((await collect(client.blob(repository, descriptor))).equals(bytes));
      }
    });

    test('leaving a download early does not harm the next', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(3 * mebibyte);
      await client.pushBlob(repository, blob);
      const single = newClient({ maxConnectionsPerHost: 1 });
      for (let i = 0; i < 3; i++) {
        for await (const chunk of single.blob(repository, descriptor)) {
          assert.ok(chunk.length > 0);
          break;
        }
      }
      assert.ok((await collect(single.blob(repository, descriptor))).equals(bytes));
      single.close();
    });

    test('a manifest is found by tag and by digest', async () => {
      const repository = freshRepository();
      const { bytes, digest, descriptor, mediaType } = await pushImage(repository, {}, '1.0');
      assert.deepEqual(descriptor, { digest, mediaType, size: bytes.length });
      assert.deepEqual(await client.resolve({ ...repository, tag: '1.0' }), descriptor);
      assert.deepEqual(await client.resolve({ ...repository, digest }), descriptor);
      for (const reference of [{ tag: '1.0' }, { digest }, { tag: 'other', digest }]) {
        const fetched = await client.manifest({ ...repository, ...reference });
        assert.deepEqual(fetched.descriptor, descriptor);
        assert.ok(Buffer.from(fetched.bytes).equals(bytes));
      }
    });

    test('a tag moves', async () => {
      const repository = freshRepository();
      await pushImage(repository, {}, 'moving');
      const second = await pushImage(repository, {}, 'moving');
      assert.equal((await client.resolve({ ...repository, tag: 'moving' })).digest, second.digest);
    });

    test('what is not there is named', async () => {
      const repository = freshRepository();
      const missing = digestOf('nothing');
      const unknown: Descriptor = { mediaType: 'application/octet-stream', digest: missing, size: 7 };
      const inMessage = new RegExp(`${repository.repository}:absent`);
      await assert.rejects(client.resolve({ ...repository, tag: 'absent' }), {
        code: 'MANIFEST_NOT_FOUND',
        message: inMessage,
      });
      await assert.rejects(client.manifest({ ...repository, tag: 'absent' }), {
        code: 'MANIFEST_NOT_FOUND',
        message: inMessage,
      });
      await assert.rejects(collect(client.blob(repository, unknown)), {
        code: 'BLOB_NOT_FOUND',
        message: new RegExp(`${repository.repository}@${missing}`),
      });
      await assert.rejects(collect(tagsAsBytes(client, repository)), { code: 'MANIFEST_NOT_FOUND' });
    });

    test('a manifest whose blobs are missing is refused', async () => {
      const repository = freshRepository();
      const [config, layer] = [sampleBlob(10), sampleBlob(10)];
      const manifest = manifestOf(config.descriptor, [layer.descriptor]);
      await assert.rejects(client.pushManifest(repository, { ...manifest, tag: 'x' }), {
        code: 'BLOB_NOT_FOUND',
      });
    });

    test('tags are listed', async () => {
      const repository = freshRepository();
      for (const tag of ['b', 'a', 'c-1_2.3']) await pushImage(repository, {}, tag);
      const tags: string[] = [];
      for await (const tag of client.tags(repository)) tags.push(tag);
      assert.deepEqual(tags.sort(), ['a', 'b', 'c-1_2.3']);
    });

    test('referrers are listed and filtered, also when many are pushed at once', async () => {
      const repository = freshRepository();
      const { descriptor } = await pushImage(repository, {}, 'subject');
      assert.deepEqual(await client.referrers(repository, descriptor.digest), []);
      const types = ['application/x-a', 'application/x-b', 'application/x-a', 'application/x-c'];
      const pushed = await Promise.all(
        types.map((artifactType) =>
          pushImage(repository, { artifactType, subject: descriptor, annotations: { kind: artifactType } }),
        ),
      );
      const listed = await client.referrers(repository, descriptor.digest);
      assert.deepEqual(listed.map(({ digest }) => digest).sort(), pushed.map(({ digest }) => digest).sort());
      const filtered = await client.referrers(repository, descriptor.digest, {
        artifactType: 'application/x-a',
      });
      assert.equal(filtered.length, 2);
      assert.deepEqual(filtered[0]?.annotations, { kind: 'application/x-a' });
    });

    test('a manifest is deleted', async () => {
      const repository = freshRepository();
      const { digest } = await pushImage(repository, {}, 'doomed');
      await client.deleteManifest({ ...repository, digest });
      await assert.rejects(client.manifest({ ...repository, digest }), { code: 'MANIFEST_NOT_FOUND' });
      await assert.rejects(client.deleteManifest({ ...repository, digest }), { code: 'MANIFEST_NOT_FOUND' });
    });

    test('a signal ends transfers both ways', async () => {
      const repository = freshRepository();
      const { bytes, blob, descriptor } = sampleBlob(4 * mebibyte);
      const stop = new AbortController();
      const endless = {
        descriptor,
        async *open() {
          yield bytes.subarray(0, 100_000);
          stop.abort();
          yield bytes.subarray(100_000);
        },
      };
      await assert.rejects(client.pushBlob(repository, endless, { signal: stop.signal }), {
        code: 'CANCELED',
      });
      await client.pushBlob(repository, blob);
      const halt = new AbortController();
      const reading = async () => {
        for await (const _ of client.blob(repository, descriptor, { signal: halt.signal })) halt.abort();
      };
      await assert.rejects(reading(), { code: 'CANCELED' });
    });
  });
}

async function* tagsAsBytes(client: RegistryClient, repository: Repository): AsyncGenerator<Uint8Array> {
  for await (const tag of client.tags(repository)) yield Buffer.from(tag);
}
