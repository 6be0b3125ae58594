import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { makeImage, makeLayer } from '../../test/make-image.ts';
import { mediaTypes } from '../media-types.ts';
import { appendLayers } from './append-layers.ts';
import { consistentHistory } from './consistent-history.ts';
import { createImage } from './create-image.ts';
import { describeImage } from './describe-image.ts';
import type { Image } from './image.ts';
import { openImage } from './open-image.ts';
import { rebase } from './rebase.ts';
import { validateImage } from './validate-image.ts';
import { withAnnotations } from './with-annotations.ts';
import { withConfig } from './with-config.ts';

const base = makeImage([makeLayer('os'), makeLayer('libs', 'zstd')], {
  config: { Env: ['A=1'] },
  history: [{ created_by: 'os' }, { created_by: 'env', empty_layer: true }, { created_by: 'libs' }],
});

async function says(image: Image): Promise<(string | undefined)[]> {
  const { history = [] } = await image.config();
  return history.map(({ created_by, empty_layer }) => (empty_layer ? `(${created_by})` : created_by));
}

test('layers are appended with their history', async () => {
  const app = makeLayer('app', 'none');
  const image = appendLayers(base, [
    { layer: app, history: { created_by: 'COPY app', empty_layer: true } },
    { history: { created_by: 'CMD app' } },
  ]);
  await validateImage(image);
  assert.deepEqual(await says(image), ['os', '(env)', 'libs', 'COPY app', '(CMD app)']);
  assert.deepEqual((await image.config()).config, { Env: ['A=1'] });
  assert.equal((await image.manifest()).layers.length, 3);
  assert.equal(base.layers.length, 2);
});

test('equal edits give equal digests; an edit costs nothing before it is asked for', async () => {
  let asked = 0;
  const counted: Image = {
    ...base,
    config: () => {
      asked++;
      return base.config();
    },
  };
  const edit = (image: Image) =>
    withConfig(appendLayers(image, [{ layer: makeLayer('app') }]), (config) => ({
      ...config,
      config: { ...config.config, Cmd: ['app'] },
    }));
  const one = edit(counted);
  assert.equal(asked, 0);
  assert.deepEqual(await describeImage(one), await describeImage(edit(base)));
  await one.configBytes();
  assert.equal(asked, 1);
});

test('an edit of the config cannot touch the layers', async () => {
  const image = withConfig(base, (config) => ({
    ...config,
    rootfs: { type: 'layers', diff_ids: [] },
    config: { Entrypoint: null, Cmd: ['x'] },
  }));
  await validateImage(image);
  assert.equal((await image.config()).rootfs.diff_ids.length, 2);
});

test('annotations are added', async () => {
  const image = withAnnotations(withAnnotations(base, { a: '1', b: '1' }), { b: '2' });
  await validateImage(image);
  assert.deepEqual((await image.manifest()).annotations, { a: '1', b: '2' });
});

test("Docker's media types are kept together", async () => {
  const image = createImage({
    platform: base.platform,
    layers: base.layers,
    config: () => base.config(),
    manifestFields: () => Promise.resolve({ mediaType: mediaTypes.dockerManifest }),
  });
  const manifest = await appendLayers(image, []).manifest();
  assert.deepEqual(
    [manifest.mediaType, manifest.config.mediaType],
    [mediaTypes.dockerManifest, mediaTypes.dockerConfig],
  );
});

test('stored bytes stay as they are', async () => {
  const pretty = async (bytes: Promise<Uint8Array>) =>
    Buffer.from(JSON.stringify(JSON.parse(Buffer.from(await bytes).toString()), null, 2));
  const manifestBytes = await pretty(base.manifestBytes());
  const configBytes = Buffer.from(await base.configBytes());
  const openLayer = (descriptor: { readonly digest: string }) => {
    assert.ok(descriptor.digest.startsWith('sha256:'));
    return base.layers[0]?.open() as AsyncIterable<Uint8Array>;
  };
  const image = openImage({ manifestBytes, configBytes, openLayer });
  assert.equal(await image.manifestBytes(), manifestBytes);
  assert.deepEqual(image.platform, base.platform);
  assert.deepEqual(await image.config(), await base.config());
  assert.throws(
    () => openImage({ manifestBytes, configBytes: Buffer.from('{}'), openLayer }),
    (error) => isFault(error, 'MANIFEST_INVALID'),
  );
  const fewer = Buffer.from(JSON.stringify({ ...base.platform, rootfs: { type: 'layers', diff_ids: [] } }));
  assert.throws(() => openImage({ manifestBytes, configBytes: fewer, openLayer }), /2 layers, the config 0/);
});

test('a rebase puts the upper layers on another base', async () => {
  const app = appendLayers(base, [
    { history: { created_by: 'ENV x' } },
    { layer: makeLayer('app'), history: { created_by: 'COPY' } },
  ]);
  const fresh = makeImage([makeLayer('os2'), makeLayer('libs2'), makeLayer('more')], {
    history: [{ created_by: 'os2' }, { created_by: 'libs2' }, { created_by: 'more' }],
    config: { Env: ['A=2'] },
  });
  const moved = rebase(app, base, fresh);
  await validateImage(moved);
  assert.deepEqual(
    moved.layers.map(({ diffId }) => diffId),
    [...fresh.layers, makeLayer('app')].map(({ diffId }) => diffId),
  );
  assert.deepEqual(await says(moved), ['os2', 'libs2', 'more', '(ENV x)', 'COPY']);
  assert.deepEqual((await moved.config()).config, { Env: ['A=1'] });
  assert.deepEqual(await describeImage(rebase(moved, fresh, base)), await describeImage(app));
});

test('what stands on another base, or runs elsewhere, is not rebased', () => {
  const app = appendLayers(base, [{ layer: makeLayer('app') }]);
  const other = makeImage([makeLayer('other')]);
  const arm = makeImage([makeLayer('os-arm')], { platform: 'linux/arm64' });
  for (const move of [
    () => rebase(app, other, base),
    () => rebase(base, app, base),
    () => rebase(app, base, arm),
  ]) {
    assert.throws(move, (error) => isFault(error, 'REBASE_MISMATCH'));
  }
});

test('a history that does not fit the layers is made to', async () => {
  const config = await makeImage([makeLayer('a'), makeLayer('b')]).config();
  assert.deepEqual(consistentHistory(config), [{}, {}]);
  assert.deepEqual(consistentHistory({ ...config, history: [{ created_by: '1' }] }), [
    { created_by: '1' },
    {},
  ]);
  const many = [
    { created_by: '1' },
    { created_by: '2', empty_layer: true },
    { created_by: '3' },
    { created_by: '4' },
  ];
  assert.deepEqual(
    consistentHistory({ ...config, history: many }).map((entry) => entry.empty_layer ?? false),
    [true, true, false, false],
  );
  await validateImage(appendLayers(makeImage([makeLayer('a')]), [{ layer: makeLayer('b') }]));
});
