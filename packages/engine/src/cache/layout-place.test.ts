import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { blobPath, digestOf, encodeJson, mediaTypes } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { cachePlaceContract, clockOf, keysOf, readAll } from './cache-place.contract.ts';
import { withFolderLock } from './folder-lock.ts';
import { createLayoutPlace } from './layout-place.ts';
import { addSample, sampleBlob, sampleContents, signal, today } from './sample-contents.fixture.ts';

cachePlaceContract('a cache in a folder', async (t) => {
  const path = join(temporaryFolder(t), 'deep/cache');
  return ({ tag = 'cache', day = today } = {}) => createLayoutPlace({ path, tag, clock: clockOf(day) });
});

function placeIn(path: string, { ms = clockOf()(), tag = 'latest' } = {}) {
  return createLayoutPlace({ path, tag, clock: () => ms });
}

function blobsIn(path: string): readonly string[] {
  return readdirSync(join(path, 'blobs/sha256')).map((name) => `sha256:${name}`);
}

test('the folder is an OCI image layout with nothing left over', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  await addSample(placeIn(path), sampleContents('a'));
  assert.deepEqual(readdirSync(path).sort(), ['blobs', 'index.json', 'lock.db', 'oci-layout', 'tmp']);
  assert.deepEqual(readdirSync(join(path, 'tmp')), []);
  assert.equal(statSync(join(path, 'lock.db')).size, 0);
  for (const digest of blobsIn(path)) {
    assert.equal(digestOf(readFileSync(join(path, 'blobs/sha256', digest.slice(7)))), digest);
  }
  const { manifests } = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8'));
  assert.equal(manifests.length, 1);
  assert.equal(manifests[0].annotations['org.opencontainers.image.ref.name'], 'latest');
});

test('what nobody needs goes after an hour, not before; other images stay', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  const hour = 3_600_000;
  const begin = clockOf()();
  const left = sampleBlob('left by somebody who was killed');
  await placeIn(path).put(left, { signal });
  await addSample(placeIn(path, { tag: 'other' }), sampleContents('other'));
  await addSample(placeIn(path), sampleContents('a'));
  writeFileSync(join(path, 'tmp/half'), 'half');
  utimesSync(join(path, 'tmp/half'), begin / 1000, begin / 1000);
  await addSample(placeIn(path, { ms: begin + hour / 2 }), sampleContents('b'));
  assert.ok(blobsIn(path).includes(left.descriptor.digest));
  const used = sampleBlob('used again');
  await placeIn(path).put(used, { signal });
  assert.equal((await placeIn(path, { ms: begin + hour }).put(used, { signal })).how, 'exists');

  await placeIn(path, { ms: begin + hour * 1.7 }).rewrite((contents) => ({ ...contents, records: [] }), {
    signal,
  });
  const there = blobsIn(path);
  assert.ok(!there.includes(left.descriptor.digest));
  assert.ok(there.includes(used.descriptor.digest));
  assert.deepEqual(readdirSync(join(path, 'tmp')), []);
  for (const { descriptor } of sampleContents('other').blobs) assert.ok(there.includes(descriptor.digest));
  assert.deepEqual((await readAll(placeIn(path))).records, []);
  assert.equal((await readAll(placeIn(path, { tag: 'other' }))).records.length, 6);
});

test('nothing is removed where the index names what cannot be read', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  const left = sampleBlob('left');
  await placeIn(path).put(left, { signal });
  await addSample(placeIn(path), sampleContents('a'));
  const index = JSON.parse(readFileSync(join(path, 'index.json'), 'utf8'));
  const lost = { mediaType: mediaTypes.ociManifest, digest: digestOf('lost'), size: 4 };
  writeFileSync(join(path, 'index.json'), encodeJson({ ...index, manifests: [...index.manifests, lost] }));
  await addSample(placeIn(path, { ms: clockOf()() + 1e8 }), sampleContents('b'));
  assert.ok(blobsIn(path).includes(left.descriptor.digest));
  assert.equal(JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')).manifests.length, 2);
});

test('a blob that was cut off on the disk is written again', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  const blob = sampleBlob('one');
  await placeIn(path).put(blob, { signal });
  writeFileSync(join(path, blobPath(blob.descriptor.digest)), 'co');
  await assert.rejects(Array.fromAsync(placeIn(path).open(blob.descriptor, signal)), {
    code: 'DIGEST_MISMATCH',
  });
  assert.equal((await placeIn(path).put(blob, { signal })).how, 'sent');
  await Array.fromAsync(placeIn(path).open(blob.descriptor, signal));
});

test('a folder with other things in it is left as it is', async (t) => {
  const path = temporaryFolder(t);
  writeFileSync(join(path, 'letter.txt'), 'mine');
  for (const write of [
    () => addSample(placeIn(path), sampleContents('a')),
    () => placeIn(path).rewrite((contents) => contents, { signal }),
  ]) {
    await assert.rejects(
      write(),
      (error) => isFault(error, 'OUTPUT_INVALID') && /letter\.txt/.test(error.message),
    );
  }
  assert.deepEqual(readdirSync(path), ['letter.txt']);
  assert.equal(await placeIn(path).read(signal), undefined);
  const file = join(path, 'letter.txt');
  await assert.rejects(placeIn(file).read(signal), { code: 'FILE_ACCESS' });
  await assert.rejects(addSample(placeIn(file), sampleContents('a')), { code: 'FILE_ACCESS' });
});

test('what is damaged is said to be', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  await addSample(placeIn(path), sampleContents('a'));
  const good = readFileSync(join(path, 'index.json'), 'utf8');
  const index = JSON.parse(good);
  const [entry] = index.manifests;
  const manifestFile = join(path, blobPath(entry.digest));
  const manifest = readFileSync(manifestFile);
  const { config } = JSON.parse(manifest.toString());
  const damaged = async (why: string) => {
    const refused = (error: unknown) => isFault(error, 'CACHE_DAMAGED') && error.message.includes(path);
    await assert.rejects(placeIn(path).read(signal), refused, why);
    await assert.rejects(addSample(placeIn(path), sampleContents('b')), refused, why);
  };
  const indexes: Record<string, unknown> = {
    'no JSON': '{"schemaVersion":2',
    'a manifest': manifest.toString(),
    'a manifest of another size': { ...index, manifests: [{ ...entry, size: entry.size + 1 }] },
    'a manifest that is not there': { ...index, manifests: [{ ...entry, digest: digestOf('x') }] },
    'a path as digest': { ...index, manifests: [{ ...entry, digest: 'sha256:../../../etc/passwd' }] },
    'a layer as manifest': { ...index, manifests: [{ ...entry, mediaType: mediaTypes.ociLayer }] },
  };
  for (const [why, value] of Object.entries(indexes)) {
    writeFileSync(join(path, 'index.json'), typeof value === 'string' ? value : JSON.stringify(value));
    await damaged(why);
  }
  writeFileSync(join(path, 'index.json'), good);
  const document = join(path, blobPath(config.digest));
  const bytes = readFileSync(document);
  for (const wrong of [bytes.subarray(1), Buffer.concat([bytes, bytes]), Buffer.alloc(0)]) {
    writeFileSync(document, wrong);
    await damaged('document');
  }
  rmSync(document);
  await damaged('no document');
  writeFileSync(document, bytes);
  writeFileSync(manifestFile, manifest.subarray(1));
  await damaged('manifest');
  writeFileSync(manifestFile, manifest);
  await addSample(placeIn(path), sampleContents('b'));
  writeFileSync(join(path, 'lock.db'), 'no database at all'.repeat(100));
  await assert.rejects(addSample(placeIn(path), sampleContents('c')), { code: 'CACHE_DAMAGED' });
  assert.equal(keysOf((await readAll(placeIn(path))).records).length, 11);
});

test('an image under the tag is not overwritten', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  mkdirSync(join(path, 'blobs/sha256'), { recursive: true });
  const manifest = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { mediaType: mediaTypes.ociConfig, digest: digestOf('{}'), size: 2 },
    layers: [],
  });
  const entry = { mediaType: mediaTypes.ociManifest, digest: digestOf(manifest), size: manifest.length };
  writeFileSync(join(path, blobPath(entry.digest)), manifest);
  const named = { ...entry, annotations: { 'org.opencontainers.image.ref.name': 'latest' } };
  writeFileSync(join(path, 'index.json'), encodeJson({ schemaVersion: 2, manifests: [named] }));
  const refused = (error: unknown) =>
    isFault(error, 'CACHE_DAMAGED') && /an image, not a cache/.test(error.message);
  await assert.rejects(placeIn(path).read(signal), refused);
  await assert.rejects(addSample(placeIn(path), sampleContents('a')), refused);
  await addSample(placeIn(path, { tag: 'cache' }), sampleContents('a'));
  assert.equal(JSON.parse(readFileSync(join(path, 'index.json'), 'utf8')).manifests.length, 2);
});

test('the lock lets one in at a time, is free after a failure, and waiting can be canceled', async (t) => {
  const lock = join(temporaryFolder(t), 'lock.db');
  let inside = 0;
  const work = async () => {
    inside++;
    assert.equal(inside, 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside--;
  };
  await Promise.all(Array.from({ length: 6 }, () => withFolderLock(lock, work, { signal })));
  const failing = withFolderLock(lock, () => Promise.reject(new Error('no')), { signal });
  await assert.rejects(failing, /no/);
  await withFolderLock(
    lock,
    async () => {
      const stop = new AbortController();
      const waiting = withFolderLock(lock, work, { signal: stop.signal });
      stop.abort();
      await assert.rejects(waiting, { code: 'CANCELED' });
    },
    { signal },
  );
});

test('a folder that may only be read is a cache to read', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  await addSample(placeIn(path), sampleContents('a'));
  const linked = join(temporaryFolder(t), 'link');
  symlinkSync(path, linked);
  rmSync(join(path, 'lock.db'));
  rmSync(join(path, 'tmp'), { recursive: true });
  await readAll(placeIn(linked));
  assert.deepEqual(readdirSync(path).sort(), ['blobs', 'index.json', 'oci-layout']);
});
