import assert from 'node:assert/strict';
import { test } from 'node:test';
import { buildImageId, buildMetadata } from './build-metadata.ts';
import { sampleImage, sampleIndex, sampleSet } from './sample-image.fixture.ts';

test('one image: its config, manifest and names', async () => {
  const image = await sampleImage();
  const set = sampleSet(image);
  assert.deepEqual(buildMetadata(set), {
    'containerimage.config.digest': image.config.descriptor.digest,
    'containerimage.descriptor': { ...image.manifest.descriptor, platform: image.platform },
    'containerimage.digest': image.manifest.descriptor.digest,
    'image.name': 'docker.io/library/sample:1,example.com/team/sample:2',
  });
  assert.equal(buildImageId(set), image.config.descriptor.digest);
});

test('several platforms: the index, no config', async () => {
  const set = await sampleIndex();
  assert.deepEqual(buildMetadata(set), {
    'containerimage.descriptor': set.index?.descriptor,
    'containerimage.digest': set.index?.descriptor.digest,
    'image.name': 'docker.io/library/sample:1',
  });
  assert.equal(buildImageId(set), set.index?.descriptor.digest);
});

test('no image: nothing is claimed', () => {
  assert.deepEqual(buildMetadata({ images: [], names: [] }), {});
  assert.equal(buildImageId({ images: [], names: [] }), undefined);
});
