import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Digest, isFault } from '@onebuild/core';
import { build } from '@onebuild/engine';
import { digestOf, mediaTypes } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import { temporaryFolder } from '@onebuild/testkit';
import fc from 'fast-check';
import { testBuildOptions } from './build-options.ts';
import { type HostileRegistry, startHostileRegistry } from './hostile-registry.ts';
import { rawTar } from './raw-tar.ts';

const platform = { os: 'linux', architecture: process.arch === 'arm64' ? 'arm64' : 'amd64' };
const tar = rawTar([{ name: 'file', content: 'content' }]);
const layer = gzipSync(tar);
const config = Buffer.from(
  JSON.stringify({ ...platform, rootfs: { type: 'layers', diff_ids: [digestOf(tar)] } }),
);
const describeBytes = (mediaType: string, bytes: Buffer) => ({
  mediaType,
  digest: digestOf(bytes),
  size: bytes.length,
});
const good = {
  schemaVersion: 2,
  mediaType: mediaTypes.ociManifest,
  config: describeBytes(mediaTypes.ociConfig, config),
  layers: [describeBytes(mediaTypes.ociLayerGzip, layer)],
};
const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const indexOf = (...manifests: readonly object[]) => ({
  schemaVersion: 2,
  mediaType: mediaTypes.ociIndex,
  manifests: manifests.map((child) => ({ platform, ...child })),
});

/** A document under the digest that it claims to have. */
interface Served {
  readonly claimed: Digest;
  readonly bytes: Buffer;
  readonly type: string;
}

const served = (value: unknown, type: string, claimed?: Digest): Served => {
  const bytes = json(value);
  return { claimed: claimed ?? digestOf(bytes), bytes, type };
};

describe('hostile manifests and indexes as a base', { timeout: 120_000 }, () => {
  const scratch = temporaryFolder();
  const context = join(scratch, 'context');
  let registry: HostileRegistry;
  let client: RegistryClient;
  let count = 0;

  before(async () => {
    mkdirSync(context);
    registry = await startHostileRegistry();
    client = createRegistryClient({ retry: { attempts: 2, baseDelayMs: 1 }, timeouts: { idleMs: 5000 } });
  });
  after(async () => {
    client.close();
    await registry.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Builds on the first document. @returns the code of the one fault, which names the base, or `works` */
  async function outcomeOf(documents: readonly Served[]): Promise<string> {
    const name = `base-${count++}`;
    const home = join(scratch, name);
    for (const blob of [config, layer]) registry.set(`/v2/${name}/blobs/${digestOf(blob)}`, blob);
    const serve = (place: string, { claimed, bytes, type }: Served) =>
      registry.set(`/v2/${name}/manifests/${place}`, (message, answer) => {
        answer.writeHead(200, {
          'content-type': type,
          'content-length': bytes.length,
          'docker-content-digest': claimed,
        });
        answer.end(message.method === 'HEAD' ? undefined : bytes);
      });
    const [first] = documents;
    assert.ok(first);
    serve('1', first);
    for (const document of documents) serve(document.claimed, document);
    const base = `${registry.host}/${name}:1`;
    const request = testBuildOptions({
      home,
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text: `FROM ${base}\nWORKDIR /made\n` },
      outputs: [{ type: 'local', dest: join(home, 'out') }],
      registry: client,
    });
    try {
      await build(request);
      return 'works';
    } catch (error) {
      assert.ok(isFault(error), String((error as Error).stack));
      assert.notEqual(
        error.code,
        'INTERNAL',
        String((error.cause as Error | undefined)?.stack ?? error.stack),
      );
      assert.ok(
        error.message.includes(`${registry.host}/${name}`),
        `does not name ${base}: ${error.message}`,
      );
      assert.ok(error.message.length < 2000 && !error.message.includes('\n'), error.message.slice(0, 3000));
      assert.notEqual(error.hint, '');
      return error.code;
    } finally {
      assert.deepEqual(readdirSync(join(home, 'tmp')), []);
      rmSync(home, { recursive: true, force: true });
    }
  }

  const claim = (of: string) => digestOf(`claimed by ${of}`);
  const pointer = (digest: Digest, mediaType: string = mediaTypes.ociIndex, size = 500) => ({
    mediaType,
    digest,
    size,
  });
  const inner = served(good, mediaTypes.ociManifest);
  const pointerTo = ({ claimed, bytes, type }: Served) => pointer(claimed, type, bytes.length);
  const oci = mediaTypes.ociIndex;
  const nested = served(indexOf(pointerTo(inner)), oci);
  const cases: Readonly<Record<string, readonly [readonly Served[], ...string[]]>> = {
    'an index that is right': [[served(indexOf(pointerTo(inner)), oci), inner], 'works'],
    'an index that points at itself': [
      [served(indexOf(pointer(claim('a'))), oci, claim('a'))],
      'DIGEST_MISMATCH',
    ],
    'indexes that point at each other': [
      [
        served(indexOf(pointer(claim('b'))), oci, claim('a')),
        served(indexOf(pointer(claim('a'))), oci, claim('b')),
      ],
      'DIGEST_MISMATCH',
    ],
    'an index in an index': [[served(indexOf(pointerTo(nested)), oci), nested, inner], 'MANIFEST_INVALID'],
    'an index that says it is a manifest': [
      [{ ...nested, type: mediaTypes.ociManifest }],
      'MANIFEST_INVALID',
    ],
    'a child of another type than its parent says': [
      [served(indexOf({ ...pointerTo(inner), mediaType: mediaTypes.dockerManifest }), oci), inner],
      'MANIFEST_INVALID',
    ],
    'the same child a thousand times': [
      [served(indexOf(...Array.from({ length: 1000 }, () => pointerTo(inner))), oci), inner],
      'works',
    ],
    'a layer twice, with one diff id': [
      [served({ ...good, layers: [...good.layers, ...good.layers] }, mediaTypes.ociManifest)],
      'MANIFEST_INVALID',
    ],
    'a layer ten thousand times': [
      [
        served(
          { ...good, layers: Array.from({ length: 10_000 }, () => good.layers[0]) },
          mediaTypes.ociManifest,
        ),
      ],
      'MANIFEST_INVALID',
    ],
    'a layer that is its config': [
      [
        served(
          { ...good, layers: [{ ...good.config, mediaType: mediaTypes.ociLayerGzip }] },
          mediaTypes.ociManifest,
        ),
      ],
      'TAR_INVALID',
      'DIGEST_MISMATCH',
    ],
    'no children': [[served(indexOf(), oci)], 'PLATFORM_MISSING'],
    'layers and children': [[served({ ...good, ...indexOf(pointerTo(inner)) }, oci)], 'MANIFEST_INVALID'],
  };
  for (const [what, [documents, ...outcomes]] of Object.entries(cases)) {
    it(what, async () => {
      const got = await outcomeOf(documents);
      assert.ok(outcomes.includes(got), got);
    });
  }

  const size = fc.constantFrom<unknown>(0, 1, -1, 500, 2 ** 31, 2 ** 40, 2 ** 53, 1e308, 0.5, '7', null);
  const mediaType = fc.constantFrom<unknown>(
    ...Object.values(mediaTypes),
    'text/html',
    'application/vnd.docker.distribution.manifest.v1+json',
    '',
    'x'.repeat(5000),
    null,
    7,
  );
  const someDigest = fc.oneof(
    fc.constantFrom<unknown>(...['a', 'b', 'c'].map(claim), digestOf(config), digestOf(layer), inner.claimed),
    fc.constantFrom<unknown>('sha256:', 'sha256:../../x', `sha512:${'0'.repeat(64)}`, '', null, {}),
  );
  /** A descriptor that is right but for some of its fields. */
  const descriptor = (right: object) =>
    fc
      .record(
        {
          mediaType,
          digest: someDigest,
          size,
          data: fc.constant('AAAA'),
          urls: fc.constant(['file:///etc']),
        },
        {
          requiredKeys: [],
        },
      )
      .map((wrong) => ({ ...right, ...wrong }));
  const [goodLayer = good.config] = good.layers;
  const children = fc.array(fc.oneof(descriptor(pointerTo(inner)), descriptor(pointer(claim('a')))), {
    maxLength: 5,
  });
  const document = fc.oneof(
    fc
      .record(
        {
          mediaType,
          config: descriptor(good.config),
          layers: fc.array(descriptor(goodLayer), { maxLength: 3 }),
        },
        {
          requiredKeys: [],
        },
      )
      .map((wrong) => ({ ...good, ...wrong })),
    fc
      .record({ mediaType }, { requiredKeys: [] })
      .chain((wrong) => children.map((list) => ({ ...indexOf(...list), ...wrong }))),
    fc.json().map((text): unknown => JSON.parse(text)),
  );
  const answer = fc.record({
    value: document,
    type: fc.constantFrom(mediaTypes.ociIndex, mediaTypes.ociManifest, mediaTypes.dockerIndex, 'text/plain'),
    lies: fc.boolean(),
  });

  it('whatever refers to whatever ends in one clear fault, or works', async () => {
    const outcomes = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.array(answer, { minLength: 1, maxLength: 3 }), async (answers) => {
        const documents = answers.map(({ value, type, lies }, at) =>
          served(value, type, lies ? claim('abc'[at] ?? 'a') : undefined),
        );
        const got = await outcomeOf([...documents, inner]);
        outcomes.set(got, (outcomes.get(got) ?? 0) + 1);
      }),
      { numRuns: 200 },
    );
    // the generator reaches further than the first check
    assert.ok(outcomes.size > 1, JSON.stringify([...outcomes]));
  });
});
