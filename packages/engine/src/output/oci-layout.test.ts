import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { requireProgram, runProgram, temporaryFolder } from '@onebuild/testkit';
import type { ExportSet } from './export-image.ts';
import { writeOciLayout } from './oci-layout.ts';
import { sampleImage, sampleIndex, sampleSet } from './sample-image.fixture.ts';

const { signal } = new AbortController();

async function inspect(source: string): Promise<{ Digest: string }> {
  return JSON.parse((await runProgram(['skopeo', 'inspect', source])).stdout);
}

test('skopeo reads the archive and the folder, under their names', async (t) => {
  if (!requireProgram(t, 'skopeo', 'apt-get install skopeo')) return;
  const image = await sampleImage();
  const set = sampleSet(image);
  const folder = temporaryFolder(t);
  await writeOciLayout(set, { dest: { path: join(folder, 'deep/out.tar') }, tar: true, signal });
  await writeOciLayout(set, { dest: { path: join(folder, 'layout') }, tar: false, signal });
  const { digest } = image.manifest.descriptor;
  assert.equal((await inspect(`oci-archive:${folder}/deep/out.tar:1`)).Digest, digest);
  assert.equal((await inspect(`oci-archive:${folder}/deep/out.tar:2`)).Digest, digest);
  assert.equal((await inspect(`oci:${folder}/layout:2`)).Digest, digest);
  // Copying reads every blob and checks its digest.
  await runProgram(['skopeo', 'copy', `oci-archive:${folder}/deep/out.tar:1`, `dir:${folder}/copy`]);
});

test('index.json names the image as buildx does', async (t) => {
  const image = await sampleImage();
  const folder = temporaryFolder(t);
  await writeOciLayout(sampleSet(image), { dest: { path: folder }, tar: false, signal });
  const index = JSON.parse(readFileSync(join(folder, 'index.json'), 'utf8'));
  const annotations = (name: string, ref: string) => ({
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': ref,
    'org.opencontainers.image.created': '2020-01-01T00:00:00Z',
  });
  const top = { ...image.manifest.descriptor, platform: image.platform };
  assert.deepEqual(index.manifests, [
    { ...top, annotations: annotations('docker.io/library/sample:1', '1') },
    { ...top, annotations: annotations('example.com/team/sample:2', '2') },
  ]);
  assert.deepEqual(readdirSync(folder).sort(), ['blobs', 'index.json', 'oci-layout']);
  for (const name of readdirSync(join(folder, 'blobs/sha256'))) {
    const bytes = readFileSync(join(folder, 'blobs/sha256', name));
    assert.equal(createHash('sha256').update(bytes).digest('hex'), name);
  }
});

test('several platforms stand under a nested index', async (t) => {
  if (!requireProgram(t, 'skopeo', 'apt-get install skopeo')) return;
  const set = await sampleIndex();
  const path = join(temporaryFolder(t), 'out.tar');
  await writeOciLayout(set, { dest: { path }, tar: true, signal });
  const raw = await runProgram(['skopeo', 'inspect', '--raw', `oci-archive:${path}:1`]);
  assert.equal(raw.stdout, Buffer.from(set.index?.bytes ?? []).toString());
  await runProgram(['skopeo', 'copy', '--all', `oci-archive:${path}:1`, `dir:${temporaryFolder(t)}/copy`]);
});

test('the archive is the same each time, in a file, behind a link and in a stream', async (t) => {
  const set = sampleSet(await sampleImage());
  const folder = temporaryFolder(t);
  const at = (name: string) => join(folder, name);
  await writeOciLayout(set, { dest: { path: at('one.tar') }, tar: true, signal });
  writeFileSync(at('old.tar'), 'an earlier one');
  symlinkSync('old.tar', at('link.tar'));
  await writeOciLayout(set, { dest: { path: at('link.tar') }, tar: true, signal });
  const stream = createWriteStream(at('stream.tar'));
  await writeOciLayout(set, { dest: { stream }, tar: true, signal });
  assert.equal(stream.writableEnded, false);
  stream.end();
  await finished(stream);
  const one = readFileSync(at('one.tar'));
  assert.ok(readFileSync(at('old.tar')).equals(one));
  assert.ok(readFileSync(at('stream.tar')).equals(one));
  assert.deepEqual(readdirSync(folder).sort(), ['link.tar', 'old.tar', 'one.tar', 'stream.tar']);
});

test('a failure leaves what was there before', async (t) => {
  const image = await sampleImage();
  const [layer] = image.layers;
  assert.ok(layer);
  async function* short(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('too short');
  }
  const broken: ExportSet = sampleSet({ ...image, layers: [{ ...layer, open: short }] });
  const folder = temporaryFolder(t);
  const path = join(folder, 'out.tar');
  writeFileSync(path, 'an earlier one');
  await assert.rejects(writeOciLayout(broken, { dest: { path }, tar: true, signal }), (e) =>
    isFault(e, 'DIGEST_MISMATCH'),
  );
  assert.equal(readFileSync(path, 'utf8'), 'an earlier one');
  assert.deepEqual(readdirSync(folder), ['out.tar']);
  mkdirSync(join(folder, 'taken'));
  const taken = writeOciLayout(broken, { dest: { path: join(folder, 'taken') }, tar: true, signal });
  await assert.rejects(taken, (e) => isFault(e, 'FILE_ACCESS'));
});
