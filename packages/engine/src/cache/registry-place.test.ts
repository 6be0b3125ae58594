import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf, encodeJson, mediaTypes, parseReference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient, type Repository } from '@onebuild/registry/client';
import {
  findProgram,
  type RegistryService,
  requireProgram,
  startDockerRegistry,
  startFaultProxy,
  startOneBuildRegistry,
} from '@onebuild/testkit';
import { cacheTypes } from './cache-media-types.ts';
import { cachePlaceContract, clockOf, keysOf, readAll } from './cache-place.contract.ts';
import { createRegistryPlace } from './registry-place.ts';
import { addSample, sampleContents, signal, today } from './sample-contents.fixture.ts';

type Start = () => Promise<RegistryService>;

const ours: readonly (readonly [string, Start])[] = [
  ['our own registry', () => startOneBuildRegistry({ deleteEnabled: true })],
  ['our own registry that keeps everything', () => startOneBuildRegistry({ deleteEnabled: false })],
];
const debians: readonly (readonly [string, Start])[] = [
  ["Debian's docker-registry", () => startDockerRegistry()],
  ["Debian's docker-registry that keeps everything", () => startDockerRegistry({ deletes: false })],
];
const registries = findProgram('docker-registry') === undefined ? ours : [...ours, ...debians];
if (registries === ours) {
  test("a cache in Debian's docker-registry", (t) => {
    requireProgram(t, 'docker-registry', 'apt-get install docker-registry');
  });
}

interface Bench {
  readonly client: RegistryClient;
  readonly repository: Repository;
  place(options?: {
    readonly tag?: string;
    readonly ms?: number;
    readonly host?: string;
    readonly mergeMs?: number;
  }): ReturnType<typeof createRegistryPlace>;
  tags(): Promise<readonly string[]>;
}

async function startBench(t: { after(run: () => Promise<void>): void }, start: Start): Promise<Bench> {
  const registry = await start();
  const client = createRegistryClient();
  t.after(async () => {
    client.close();
    await registry.close();
  });
  const repository = { registry: registry.host, repository: 'team/app' };
  return {
    client,
    repository,
    place({ tag = 'cache', ms = clockOf()(), host = registry.host, ...more } = {}) {
      const reference = parseReference(`${host}/team/app:${tag}`);
      return createRegistryPlace({ registry: client, reference, clock: () => ms, ...more });
    },
    tags: async () => (await Array.fromAsync(client.tags(repository))).toSorted(),
  };
}

for (const [name, start] of registries.filter((_, i) => i % 2 === 0)) {
  cachePlaceContract(`a cache in ${name}`, async (t) => {
    const { place } = await startBench(t, start);
    return ({ tag, day = today } = {}) => place({ ...(tag !== undefined && { tag }), ms: clockOf(day)() });
  });
}

const keeps = new Set(registries.filter(([name]) => name.endsWith('keeps everything')).map(([name]) => name));

for (const [name, start] of registries) {
  test(`${name}: a part's tag goes when the main one has had it for an hour`, async (t) => {
    const { place, tags } = await startBench(t, start);
    const begin = clockOf()();
    await addSample(place(), sampleContents('a'));
    await addSample(place({ ms: begin + 3_500_000 }), sampleContents('b'));
    const parts = (all: readonly string[]) => all.filter((tag) => /^cache\.part-[0-9a-f]{20}$/.test(tag));
    assert.equal(parts(await tags()).length, 2);
    await addSample(place({ ms: begin + 3_700_000 }), sampleContents('c'));
    assert.equal(parts(await tags()).length, keeps.has(name) ? 3 : 2);
    // once more, now that the one that is gone need not be named
    await addSample(place({ ms: begin + 3_710_000 }), sampleContents('d'));
    const all = ['a', 'b', 'c', 'd'].flatMap((one) => sampleContents(one).contents.records);
    assert.deepEqual(keysOf((await readAll(place())).records), keysOf(all));
  });
}

test('a part that the main document lacks is read, and merged by the next who writes', async (t) => {
  const { client, repository, place, tags } = await startBench(t, () => startOneBuildRegistry());
  await addSample(place(), sampleContents('a'));
  const early = await client.manifest({ ...repository, tag: 'cache' });
  await addSample(place(), sampleContents('b'));
  // as by somebody who read before and wrote after
  await client.pushManifest(repository, {
    bytes: early.bytes,
    mediaType: mediaTypes.ociManifest,
    tag: 'cache',
  });
  const both = keysOf([...sampleContents('a').contents.records, ...sampleContents('b').contents.records]);
  assert.deepEqual(keysOf((await readAll(place())).records), both);
  await addSample(place(), sampleContents('c'));
  for (const tag of await tags()) if (tag !== 'cache') await client.deleteManifest({ ...repository, tag });
  const three = keysOf(['a', 'b', 'c'].flatMap((one) => sampleContents(one).contents.records));
  assert.deepEqual(keysOf((await readAll(place())).records), three);
});

test('parts alone are a cache; parts that are a month old are left alone', async (t) => {
  const { client, repository, place } = await startBench(t, () =>
    startOneBuildRegistry({ deleteEnabled: true }),
  );
  await addSample(place(), sampleContents('a'));
  await client.deleteManifest({ ...repository, tag: 'cache' });
  assert.equal((await readAll(place())).records.length, sampleContents('a').contents.records.length);
  assert.equal(await place({ ms: clockOf(today + 31)() }).read(signal), undefined);
});

test('what is new costs few requests, what is not costs none that writes', async (t) => {
  const { place, repository } = await startBench(t, () => startOneBuildRegistry());
  const proxy = await startFaultProxy(repository.registry);
  t.after(() => proxy.close());
  const behind = place({ host: proxy.host });
  await addSample(behind, sampleContents('a'));
  proxy.play();
  await behind.read(signal);
  // manifest and list of tags; the document comes with the manifest
  assert.deepEqual(
    proxy.seen.map(({ method }) => method),
    ['GET', 'GET'],
  );
  proxy.play();
  await behind.add(sampleContents('a').contents, { limits: {}, signal });
  assert.deepEqual(new Set(proxy.seen.map(({ method }) => method)), new Set(['GET']));
  proxy.play();
  const { contents } = sampleContents('a', today + 1);
  const used = contents.records.filter(({ kind }) => kind !== 'mount');
  await behind.add({ ...contents, records: used }, { limits: {}, signal });
  const puts = proxy.seen.filter(({ method, url }) => method === 'PUT' && url.includes('/manifests/'));
  assert.deepEqual(
    puts.map(({ url }) => url),
    ['/v2/team/app/manifests/cache'],
  );
});

test('who is too slow leaves the merge to the next one', async (t) => {
  const { place, repository } = await startBench(t, () => startOneBuildRegistry());
  const proxy = await startFaultProxy(repository.registry);
  t.after(() => proxy.close());
  await addSample(place(), sampleContents('a'));
  proxy.play(({ method, url }) => {
    if (method !== 'PUT' || !url.endsWith('/manifests/cache')) return undefined;
    return { do: 'stall', at: 'request' };
  });
  const slow = place({ host: proxy.host, mergeMs: 300 });
  await addSample(slow, sampleContents('b'));
  const both = keysOf(['a', 'b'].flatMap((one) => sampleContents(one).contents.records));
  assert.deepEqual(keysOf((await readAll(place())).records), both);
  const none = slow.rewrite((contents) => ({ ...contents, records: [] }), { signal });
  await assert.rejects(none, { code: 'REGISTRY_UNAVAILABLE' });
  assert.deepEqual(keysOf((await readAll(place())).records), both);
});

test('a registry that lists no tags still has the main document', async (t) => {
  const { place, repository } = await startBench(t, () => startOneBuildRegistry());
  const proxy = await startFaultProxy(repository.registry);
  t.after(() => proxy.close());
  await addSample(place(), sampleContents('a'));
  for (const status of [403, 405, 400]) {
    proxy.play(({ url }) => (url.includes('/tags/list') ? { do: 'answer', status } : undefined));
    const behind = place({ host: proxy.host });
    const keys = keysOf((await readAll(behind)).records);
    for (const key of keysOf(sampleContents('a').contents.records)) assert.ok(keys.includes(key));
    await addSample(behind, sampleContents(`b${status}`));
  }
});

test('blobs that somebody removed take their records along', async (t) => {
  const { place, repository } = await startBench(t, () => startOneBuildRegistry());
  const { contents, blobs } = sampleContents('a');
  await addSample(place(), { contents, blobs });
  const gone = contents.records.find(({ kind }) => kind === 'mount');
  assert.ok(gone?.kind === 'mount');
  const proxy = await startFaultProxy(repository.registry);
  t.after(() => proxy.close());
  let puts = 0;
  proxy.play(({ method, url }) => {
    if (method === 'HEAD' && url.endsWith(gone.blob)) return { do: 'answer', status: 404 };
    if (method !== 'PUT' || !url.endsWith('/manifests/cache') || puts++ > 0) return undefined;
    return { do: 'answer', status: 404, body: '{"errors":[{"code":"MANIFEST_BLOB_UNKNOWN"}]}' };
  });
  await addSample(place({ host: proxy.host }), sampleContents('b'));
  const keys = keysOf((await readAll(place())).records);
  const wanted = keysOf([...contents.records, ...sampleContents('b').contents.records]);
  assert.deepEqual(
    keys,
    wanted.filter((key) => key !== `mount ${gone.key}`),
  );
});

test('other things under the name are refused, for what they are', async (t) => {
  const { client, repository, place } = await startBench(t, () => startOneBuildRegistry());
  const push = async (
    tag: string,
    value: { mediaType: string; config?: { mediaType: string } },
    more: object,
  ) => {
    const bytes = Buffer.from('{}');
    const digest = digestOf(bytes);
    const descriptor = { mediaType: mediaTypes.ociEmpty, digest, size: 2 };
    await client.pushBlob(repository, { descriptor, open: () => streamOf(bytes) });
    const config = value.config && { config: { ...value.config, digest, size: 2 } };
    const manifest = encodeJson({ schemaVersion: 2, ...value, ...config, ...more });
    await client.pushManifest(repository, { bytes: manifest, mediaType: value.mediaType, tag });
  };
  const manifest = (config: string) => ({ mediaType: mediaTypes.ociManifest, config: { mediaType: config } });
  await push('image', manifest(mediaTypes.ociConfig), { layers: [] });
  await push('buildkit', manifest('application/vnd.buildkit.cacheconfig.v0'), { layers: [] });
  await push('index', { mediaType: mediaTypes.ociIndex }, { manifests: [] });
  await push('chart', manifest('application/vnd.cncf.helm.config.v1+json'), { layers: [] });
  await push('later', manifest('application/vnd.onebuild.cache.config.v2+json'), { layers: [] });
  await push('empty', manifest(cacheTypes.config), { layers: [] });
  const said: Record<string, RegExp> = {
    image: /team\/app:image: this is an image, not a cache/,
    buildkit: /BuildKit's cache/,
    index: /not a cache/,
    chart: /something else/,
    later: /team\/app:later: its format has version 2/,
    empty: /team\/app:empty: its document/,
  };
  for (const [tag, message] of Object.entries(said)) {
    const refused = (error: unknown) => isFault(error, 'CACHE_DAMAGED') && message.test(error.message);
    await assert.rejects(place({ tag }).read(signal), refused, tag);
    await assert.rejects(addSample(place({ tag }), sampleContents('a')), refused, tag);
    await assert.rejects(
      place({ tag }).rewrite((contents) => contents, { signal }),
      refused,
      tag,
    );
  }
});

test('a cache named by digest is read as it was, and not written', async (t) => {
  const { client, repository, place } = await startBench(t, () => startOneBuildRegistry());
  await addSample(place(), sampleContents('a'));
  const { digest } = await client.resolve({ ...repository, tag: 'cache' });
  await addSample(place(), sampleContents('b'));
  const pinned = place({ tag: `cache@${digest}` });
  assert.deepEqual(keysOf((await readAll(pinned)).records), keysOf(sampleContents('a').contents.records));
  await assert.rejects(addSample(pinned, sampleContents('c')), { code: 'USAGE' });
});

async function* streamOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
