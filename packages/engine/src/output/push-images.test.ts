import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fault, isFault } from '@onebuild/core';
import { type Descriptor, digestOf, encodeJson, mediaTypes, parseReference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import { startOneBuildRegistry } from '@onebuild/testkit';
import { emptyTree } from '../tree/empty-tree.ts';
import { type PushOptions, type PushReport, type PushSet, pushImages } from './push-images.ts';

const platform = { os: 'linux', architecture: 'amd64' };

function image(text: string, names: readonly string[]): PushSet {
  const layer = Buffer.from(text.repeat(1000));
  const descriptorOf = (mediaType: string, bytes: Uint8Array): Descriptor => ({
    mediaType,
    digest: digestOf(bytes),
    size: bytes.byteLength,
  });
  const layerDescriptor = descriptorOf(mediaTypes.ociLayer, layer);
  const value = {
    ...platform,
    rootfs: { type: 'layers', diff_ids: [layerDescriptor.digest] },
  } as const;
  const config = encodeJson(value);
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: descriptorOf(mediaTypes.ociConfig, config),
    layers: [layerDescriptor],
  });
  return {
    names: names.map(parseReference),
    images: [
      {
        platform,
        manifest: { bytes: manifest, descriptor: descriptorOf(mediaTypes.ociManifest, manifest) },
        config: { bytes: config, descriptor: descriptorOf(mediaTypes.ociConfig, config), value },
        layers: [
          {
            descriptor: layerDescriptor,
            async *open() {
              yield layer;
            },
          },
        ],
        imageLayers: [],
        tree: async () => emptyTree,
      },
    ],
  };
}

async function pushOne(set: PushSet, options: PushOptions): Promise<PushReport> {
  const [report] = await pushImages([set], options);
  assert.ok(report);
  return report;
}

async function setUp(t: { after(fn: () => Promise<void>): void }) {
  const service = await startOneBuildRegistry();
  const registry = createRegistryClient({ retry: { attempts: 1 } });
  t.after(async () => {
    registry.close();
    await service.close();
  });
  const options = { registry, signal: new AbortController().signal, onProgress: () => {} };
  const digestAt = async (name: string) => (await registry.resolve(parseReference(name))).digest;
  return { host: service.host, registry, options, digestAt };
}

describe('push', () => {
  it('sends a blob once to a registry, however many names there are', async (t) => {
    const { host, options, digestAt } = await setUp(t);
    const names = [`${host}/a/one:1`, `${host}/a/one:2`, `${host}/b/two:1`, `${host}/c/three:1`];
    const set = image('x', names);
    const report = await pushOne(set, options);
    const once = (set.images[0]?.layers[0]?.descriptor.size ?? 0) + (set.images[0]?.config.bytes.length ?? 0);
    assert.equal(report.sentBytes, once);
    assert.equal(report.mounted, 4);
    for (const name of names) assert.equal(await digestAt(name), set.images[0]?.manifest.descriptor.digest);
  });

  it('asks for the tag, and no more, where it names this image already', async (t) => {
    const { host, options, registry, digestAt } = await setUp(t);
    const [one, two] = [`${host}/a/one:1`, `${host}/b/two:1`];
    const set = image('x', [one]);
    await pushOne(set, options);
    const asked: string[] = [];
    const counting: RegistryClient = {
      ...registry,
      pushBlob: (repository, blob, rest) => {
        asked.push(repository.repository);
        return registry.pushBlob(repository, blob, rest);
      },
      pushManifest: (repository, manifest, rest) => {
        asked.push(repository.repository);
        return registry.pushManifest(repository, manifest, rest);
      },
    };
    const bytes =
      (set.images[0]?.layers[0]?.descriptor.size ?? 0) + (set.images[0]?.config.bytes.length ?? 0);
    assert.deepEqual(await pushOne(set, { ...options, registry: counting }), {
      sentBytes: 0,
      reusedBytes: bytes,
      mounted: 0,
      sent: new Map(),
    });
    assert.deepEqual(asked, []);
    await pushOne({ ...set, names: [one, two].map(parseReference) }, { ...options, registry: counting });
    assert.deepEqual(new Set(asked), new Set(['b/two']));
    assert.equal(await digestAt(two), set.images[0]?.manifest.descriptor.digest);
  });

  it('moves no tag when one cannot be moved', async (t) => {
    const { host, options, registry, digestAt } = await setUp(t);
    const kept = `${host}/a/one:1`;
    const fresh = `${host}/a/fresh:1`;
    const old = image('old', [kept]);
    await pushOne(old, options);
    const failing: RegistryClient = {
      ...registry,
      pushManifest: (repository, manifest, rest) =>
        repository.repository === 'b/two' && manifest.tag !== undefined
          ? Promise.reject(fault('REGISTRY_DENIED', 'no'))
          : registry.pushManifest(repository, manifest, rest),
    };
    await assert.rejects(
      pushOne(image('new', [kept, fresh, `${host}/b/two:1`]), { ...options, registry: failing }),
      (error) => isFault(error, 'REGISTRY_DENIED'),
    );
    assert.equal(await digestAt(kept), old.images[0]?.manifest.descriptor.digest);
    await assert.rejects(digestAt(fresh), (error) => isFault(error, 'MANIFEST_NOT_FOUND'));
  });

  it('moves no tag when a blob cannot be sent', async (t) => {
    const { host, options, registry, digestAt } = await setUp(t);
    const failing: RegistryClient = {
      ...registry,
      pushBlob: (repository, blob, rest) =>
        repository.repository === 'b/two'
          ? Promise.reject(fault('REGISTRY_UNAVAILABLE', 'down'))
          : registry.pushBlob(repository, blob, rest),
    };
    const names = [`${host}/a/one:1`, `${host}/b/two:1`];
    await assert.rejects(pushOne(image('new', names), { ...options, registry: failing }));
    await assert.rejects(digestAt(names[0] ?? ''), (error) => isFault(error, 'MANIFEST_NOT_FOUND'));
  });

  it('pushes several images as one: what they share is sent once, the rest is mounted', async (t) => {
    const { host, options, digestAt } = await setUp(t);
    const one = image('x', [`${host}/a/one:1`]);
    const same = image('x', [`${host}/b/two:1`]);
    const other = image('y', [`${host}/a/one:other`]);
    const reports = await pushImages([one, same, other], options);
    const sizeOf = ({ images }: PushSet) =>
      (images[0]?.layers[0]?.descriptor.size ?? 0) + (images[0]?.config.bytes.length ?? 0);
    assert.deepEqual(
      reports.map(({ sentBytes }) => sentBytes),
      [sizeOf(one), 0, sizeOf(other)],
    );
    assert.equal(reports[1]?.mounted, 2);
    assert.equal(await digestAt(`${host}/b/two:1`), one.images[0]?.manifest.descriptor.digest);
    assert.equal(await digestAt(`${host}/a/one:other`), other.images[0]?.manifest.descriptor.digest);
  });

  it('moves no tag of any image when one of another cannot be moved, or what has to be ready is not', async (t) => {
    const { host, options, registry, digestAt } = await setUp(t);
    const kept = `${host}/a/one:1`;
    const old = image('old', [kept]);
    await pushOne(old, options);
    const failing: RegistryClient = {
      ...registry,
      pushManifest: (repository, manifest, rest) =>
        repository.repository === 'b/two' && manifest.tag !== undefined
          ? Promise.reject(fault('REGISTRY_DENIED', 'no'))
          : registry.pushManifest(repository, manifest, rest),
    };
    const sets = [image('new', [kept]), image('newer', [`${host}/b/two:1`])];
    const denied = (error: unknown) => isFault(error, 'REGISTRY_DENIED');
    await assert.rejects(pushImages(sets, { ...options, registry: failing }), denied);
    assert.equal(await digestAt(kept), old.images[0]?.manifest.descriptor.digest);
    const ready = Promise.reject(fault('REGISTRY_DENIED', 'not ready'));
    ready.catch(() => {});
    await assert.rejects(pushImages(sets, { ...options, ready }), denied);
    assert.equal(await digestAt(kept), old.images[0]?.manifest.descriptor.digest);
    await pushImages(sets, options);
    assert.equal(await digestAt(kept), sets[0]?.images[0]?.manifest.descriptor.digest);
  });

  it('refuses two images for one name before anything is sent', async (t) => {
    const { host, options } = await setUp(t);
    const name = `${host}/a/one:1`;
    const sets = [image('x', [name]), image('y', [name])];
    await assert.rejects(pushImages(sets, options), (error) => isFault(error, 'OUTPUT_INVALID'));
  });
});
