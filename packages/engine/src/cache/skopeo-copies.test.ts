import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Descriptor, parseManifest, parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import {
  findProgram,
  requireProgram,
  runProgram,
  startDockerRegistry,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { encodeArtifact } from './cache-artifact.ts';
import { bytesOf, clockOf, keysOf, readAll } from './cache-place.contract.ts';
import type { CachePlace } from './cache-place.ts';
import { createLayoutPlace } from './layout-place.ts';
import { createRegistryPlace } from './registry-place.ts';
import { addSample, sampleContents, signal } from './sample-contents.fixture.ts';

const clock = clockOf();

async function copy(from: string, to: string): Promise<void> {
  const flags = ['--quiet', '--insecure-policy', '--src-tls-verify=false', '--dest-tls-verify=false'];
  await runProgram(['skopeo', 'copy', ...flags, from, to]);
}

/** A cache that is whole, with every blob. */
async function assertWhole(place: CachePlace): Promise<void> {
  const contents = await readAll(place);
  const wanted = sampleContents('a').contents;
  assert.deepEqual(keysOf(contents.records), keysOf(wanted.records));
  assert.deepEqual([...contents.blobs.keys()].sort(), [...wanted.blobs.keys()].sort());
  for (const descriptor of contents.blobs.values()) await bytesOf(place.open(descriptor, signal));
}

test('a cache goes where skopeo takes it, and can be written there', async (t) => {
  if (!requireProgram(t, 'skopeo', 'apt-get install skopeo')) return;
  await using ours = await startOneBuildRegistry();
  const debian = findProgram('docker-registry') === undefined ? startOneBuildRegistry : startDockerRegistry;
  await using other = await debian();
  const registry = createRegistryClient();
  t.after(() => registry.close());
  const at = (name: string) => createRegistryPlace({ registry, reference: parseReference(name), clock });
  const path = join(temporaryFolder(t), 'cache');
  const folder = createLayoutPlace({ path, tag: 'cache', clock });

  await addSample(at(`${ours.host}/app:cache`), sampleContents('a'));
  await copy(`docker://${ours.host}/app:cache`, `docker://${other.host}/other/place:cache`);
  await assertWhole(at(`${other.host}/other/place:cache`));
  await copy(`docker://${other.host}/other/place:cache`, `oci:${path}:cache`);
  await assertWhole(folder);
  await copy(`oci:${path}:cache`, `docker://${ours.host}/back:cache`);
  await assertWhole(at(`${ours.host}/back:cache`));
  const digest = async (name: string) => (await registry.resolve(parseReference(name))).digest;
  assert.equal(await digest(`${ours.host}/back:cache`), await digest(`${ours.host}/app:cache`));

  await addSample(folder, sampleContents('b'));
  await copy(`oci:${path}:cache`, `docker://${other.host}/other/place:cache`);
  const both = keysOf(['a', 'b'].flatMap((name) => sampleContents(name).contents.records));
  assert.deepEqual(keysOf((await readAll(at(`${other.host}/other/place:cache`))).records), both);
  await addSample(at(`${other.host}/other/place:cache`), sampleContents('c'));
  assert.ok(
    readFileSync(join(path, 'index.json'), 'utf8').includes('application/vnd.oci.image.manifest.v1+json'),
  );
});

/** RFC 6838, section 4.2: restricted names. */
const restrictedName = /^[a-z0-9][a-z0-9!#$&^_.+-]{0,126}$/i;

test('the manifest is one that strict registries take', async () => {
  const full = encodeArtifact({ contents: sampleContents('a').contents, merged: new Map() });
  const empty = encodeArtifact({
    contents: { records: [], blobs: new Map(), accounts: [] },
    merged: new Map(),
  });
  for (const { manifest, parts } of [full, empty]) {
    const parsed = parseManifest(manifest.bytes, manifest.descriptor.mediaType);
    assert.equal(parsed.kind, 'manifest');
    assert.ok(parsed.kind === 'manifest');
    const { config, layers, artifactType, mediaType } = parsed.value;
    assert.equal(mediaType, 'application/vnd.oci.image.manifest.v1+json');
    // image spec, manifest.md: artifactType where the config says none; a list of layers that is not empty
    assert.equal(artifactType, 'application/vnd.onebuild.cache.v1');
    // Harbor takes the type of an artifact from it
    assert.match(config.mediaType, /^application\/vnd\.[^.]*\.(.*)\.config\.[^.]*\+json$/);
    assert.ok(layers.length > 0);
    const types = [artifactType, config, ...layers].map((one: string | Descriptor | undefined) =>
      typeof one === 'object' ? one.mediaType : String(one),
    );
    for (const type of types) {
      const [top = '', sub = '', ...more] = type.split('/');
      assert.ok(more.length === 0 && restrictedName.test(top) && restrictedName.test(sub), type);
    }
    const said = Buffer.from(config.data ?? '', 'base64');
    assert.deepEqual(said, Buffer.from(parts[0]?.bytes ?? []));
    assert.equal(new Set(layers.map(({ digest }) => digest)).size, layers.length);
  }
});
