import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { makeImage, makeLayer } from '../../test/make-image.ts';
import { encodeJson } from '../canonical-json.ts';
import { digestOf } from '../digest.ts';
import { describeImage } from '../image/describe-image.ts';
import type { Image } from '../image/image.ts';
import { validateImage } from '../image/validate-image.ts';
import { mediaTypes } from '../media-types.ts';
import { parsePlatform } from '../platform.ts';
import { parseReference } from '../reference.ts';
import { blobPath } from './blob-path.ts';
import type { LayoutFile, LayoutFiles } from './layout-files.ts';
import { readLayout } from './read-layout.ts';
import { type LayoutBlob, writeLayoutEntries } from './write-layout.ts';

const amd = makeImage([makeLayer('shared'), makeLayer('amd')]);
const arm = makeImage([makeLayer('shared'), makeLayer('arm')], { platform: 'linux/arm64' });

function blobOf(bytes: Uint8Array): LayoutBlob {
  return {
    descriptor: { digest: digestOf(bytes), size: bytes.length },
    async *open() {
      yield bytes;
    },
  };
}

async function blobsOf(image: Image): Promise<LayoutBlob[]> {
  const layers = image.layers.map(async (layer) => ({
    descriptor: await layer.descriptor(),
    open: () => layer.open(),
  }));
  return [
    ...(await Promise.all(layers)),
    blobOf(await image.configBytes()),
    blobOf(await image.manifestBytes()),
  ];
}

async function inMemory(files: readonly LayoutFile[]): Promise<Map<string, Buffer>> {
  const held = new Map<string, Buffer>();
  for (const file of files) {
    const bytes = Buffer.concat(await Array.fromAsync(file.open()));
    assert.equal(bytes.length, file.size);
    held.set(file.path, bytes);
  }
  return held;
}

function port(held: ReadonlyMap<string, Uint8Array>): LayoutFiles {
  return {
    read: async (path) => held.get(path),
    async *open(path) {
      yield held.get(path) ?? Buffer.alloc(0);
    },
  };
}

async function multiPlatform(): Promise<readonly LayoutFile[]> {
  const index = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [await describeImage(amd), await describeImage(arm)],
  });
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(index), size: index.length };
  return writeLayoutEntries({
    roots: [{ descriptor, names: [parseReference('app:1'), parseReference('reg.example/app:2')] }],
    blobs: [...(await blobsOf(amd)), ...(await blobsOf(arm)), blobOf(index)],
  });
}

test('a layout is written blobs first, each once, with its names', async () => {
  const files = await multiPlatform();
  const paths = files.map(({ path }) => path);
  assert.equal(new Set(paths).size, paths.length);
  assert.equal(paths.length, 2 + 3 + 4 + 1);
  assert.deepEqual([paths.at(0), paths.at(-1)], ['oci-layout', 'index.json']);
  const held = await inMemory(files);
  assert.equal(held.get('oci-layout')?.toString(), '{"imageLayoutVersion":"1.0.0"}');
  const { index } = await readLayout(port(held));
  assert.deepEqual(
    index.manifests.map(({ annotations }) => annotations),
    [
      { 'io.containerd.image.name': 'docker.io/library/app:1', 'org.opencontainers.image.ref.name': '1' },
      { 'io.containerd.image.name': 'reg.example/app:2', 'org.opencontainers.image.ref.name': '2' },
    ],
  );
});

test('a layout is read: by tag, name, digest, alone; images are whole', async () => {
  const layout = await readLayout(port(await inMemory(await multiPlatform())));
  const root = layout.find('1');
  assert.equal(layout.find('reg.example/app:2').digest, root.digest);
  assert.equal(layout.find(root.digest).digest, root.digest);
  assert.equal(layout.find().digest, root.digest);
  assert.throws(
    () => layout.find('3'),
    (error) => isFault(error, 'MANIFEST_NOT_FOUND') && /1, 2/.test(error.hint),
  );
  for (const [wanted, platform] of [
    [amd, 'linux/amd64'],
    [arm, 'linux/arm64'],
  ] as const) {
    const image = await layout.image(root, parsePlatform(platform));
    await validateImage(image);
    assert.deepEqual(await describeImage(image), await describeImage(wanted));
  }
  await assert.rejects(layout.image(root, parsePlatform('linux/s390x')), (error) =>
    isFault(error, 'PLATFORM_MISSING'),
  );
});

test('damaged and hostile layouts are refused', async () => {
  const held = await inMemory(await multiPlatform());
  const layout = await readLayout(port(held));
  const root = layout.find();
  const manifest = await describeImage(amd);
  held.set(blobPath(manifest.digest), Buffer.alloc(manifest.size));
  await assert.rejects(layout.read(manifest), (error) => isFault(error, 'DIGEST_MISMATCH'));
  await assert.rejects(Array.fromAsync(layout.open(manifest)), (error) => isFault(error, 'DIGEST_MISMATCH'));
  held.delete(blobPath(root.digest));
  await assert.rejects(layout.read(root), (error) => isFault(error, 'BLOB_NOT_FOUND'));
  await assert.rejects(layout.read({ ...root, size: 1e9 }), (error) => isFault(error, 'MANIFEST_INVALID'));
  for (const marker of [undefined, '{', 'null', '{"imageLayoutVersion":"2.0.0"}']) {
    const files = new Map(held);
    if (marker === undefined) files.delete('oci-layout');
    else files.set('oci-layout', Buffer.from(marker));
    await assert.rejects(readLayout(port(files)), (error) => isFault(error, 'MANIFEST_INVALID'));
  }
  held.delete('index.json');
  await assert.rejects(readLayout(port(held)), (error) => isFault(error, 'MANIFEST_INVALID'));
});

test("the docker archive's manifest names tags as Docker shows them", async () => {
  const files = writeLayoutEntries({
    roots: [{ descriptor: await describeImage(amd), names: [] }],
    blobs: await blobsOf(amd),
    docker: [
      {
        config: digestOf('config'),
        layers: [digestOf('layer')],
        names: [parseReference('app:1'), parseReference(`reg.example/app@${digestOf('x')}`)],
      },
    ],
  });
  const held = await inMemory(files);
  assert.deepEqual(JSON.parse(held.get('manifest.json')?.toString() ?? ''), [
    {
      Config: blobPath(digestOf('config')),
      Layers: [blobPath(digestOf('layer'))],
      RepoTags: ['docker.io/library/app:1'],
    },
  ]);
  assert.equal((await readLayout(port(held))).index.manifests[0]?.annotations, undefined);
});
