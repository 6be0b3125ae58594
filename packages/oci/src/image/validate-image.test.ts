import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type ErrorCode, isFault } from '@onebuild/core';
import { makeArchive } from '../../test/make-archive.ts';
import { layerOf, makeImage, makeLayer } from '../../test/make-image.ts';
import { encodeJson } from '../canonical-json.ts';
import { digestOf } from '../digest.ts';
import { mediaTypes } from '../media-types.ts';
import type { Image, Layer } from './image.ts';
import { validateImage } from './validate-image.ts';

const good = makeLayer('a');
const archive = makeArchive([{ path: 'a', content: 'x'.repeat(5000) }]);
const zipped = gzipSync(archive);

async function breaks(image: Image, code: ErrorCode, why: RegExp): Promise<void> {
  await assert.rejects(validateImage(image), (error) => isFault(error, code) && why.test(error.message));
}

test('a sound image passes, with every compression', async () => {
  await validateImage(makeImage([]));
  await validateImage(makeImage([good, makeLayer('b', 'zstd'), makeLayer('c', 'none')]));
});

test('bytes of a layer that are not what was promised are found', async () => {
  const promised = { mediaType: mediaTypes.ociLayerGzip, digest: digestOf(zipped), size: zipped.length };
  const serving = (bytes: Uint8Array): Layer => ({
    ...layerOf(mediaTypes.ociLayerGzip, archive, bytes),
    descriptor: () => Promise.resolve(promised),
  });
  const changed = Buffer.from(zipped);
  changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
  await validateImage(makeImage([serving(zipped)]));
  await breaks(makeImage([good, serving(changed)]), 'DIGEST_MISMATCH', /layer 2 of 2/);
  await breaks(makeImage([serving(zipped.subarray(0, 50))]), 'DIGEST_MISMATCH', /has 50 bytes|damaged/);
  await breaks(makeImage([serving(Buffer.concat([zipped, zipped]))]), 'DIGEST_MISMATCH', /larger than/);
});

test('a layer that is no archive, or another one, is found', async () => {
  const cut = archive.subarray(0, 1000);
  await breaks(
    makeImage([layerOf(mediaTypes.ociLayerGzip, cut, gzipSync(cut))]),
    'TAR_INVALID',
    /layer 1 of 1/,
  );
  const notZipped = Buffer.from('plain text, not gzip');
  await breaks(makeImage([layerOf(mediaTypes.ociLayerGzip, archive, notZipped)]), 'DIGEST_MISMATCH', /gzip/);
  const wrong = { ...good, diffId: digestOf('other') };
  await breaks(makeImage([wrong]), 'DIGEST_MISMATCH', /uncompressed digest/);
});

test('documents that contradict each other are found', async () => {
  const image = makeImage([good]);
  const config = await image.config();
  const manifest = await image.manifest();
  const otherConfig = { ...config, os: 'windows' };
  await breaks(
    { ...image, configBytes: async () => encodeJson(otherConfig) },
    'MANIFEST_INVALID',
    /something else than the config/,
  );
  await breaks(
    { ...image, config: async () => otherConfig, configBytes: async () => encodeJson(otherConfig) },
    'MANIFEST_INVALID',
    /config's (size|digest)/,
  );
  const bare = { ...manifest, layers: [] };
  await breaks(
    { ...image, manifest: async () => bare },
    'MANIFEST_INVALID',
    /something else than the manifest/,
  );
  await breaks(
    { ...image, manifest: async () => bare, manifestBytes: async () => encodeJson(bare) },
    'MANIFEST_INVALID',
    /layers in the manifest/,
  );
  await breaks({ ...image, layers: [] }, 'MANIFEST_INVALID', /layers in the manifest/);
  await breaks(
    { ...image, platform: { os: 'linux', architecture: 'arm64' } },
    'MANIFEST_INVALID',
    /linux\/arm64/,
  );
  await breaks(
    makeImage([good], { history: [{}, {}] }),
    'MANIFEST_INVALID',
    /history tells of 2 layers, there are 1/,
  );
});
