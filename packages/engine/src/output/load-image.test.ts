import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import {
  requirePart,
  requireProgram,
  startDockerEngine,
  startPodman,
  temporaryFolder,
} from '@onebuild/testkit';
import { writeDockerArchive } from './docker-archive.ts';
import { loadImage } from './load-image.ts';
import { sampleImage, sampleIndex, sampleSet } from './sample-image.fixture.ts';

const { signal } = new AbortController();
const isRoot = process.getuid?.() === 0;
const words = 'hello from amd64\n';

test('a real Docker Engine takes and runs the image, by socket and by `docker load`', async (t) => {
  if (!requireProgram(t, 'dockerd', 'apt-get install docker.io')) return;
  if (!requirePart(t, isRoot, 'dockerd needs root')) return;
  await using engine = await startDockerEngine();
  const image = await sampleImage();
  const set = sampleSet(image);
  assert.equal(await loadImage(set, { engine: 'auto', dockerHost: engine.host, signal }), 'docker');
  const id = await engine.docker(['image', 'inspect', '--format', '{{.Id}}', 'example.com/team/sample:2']);
  assert.equal(id.stdout.trim(), image.config.descriptor.digest);
  const run = await engine.docker(['run', '--rm', '--network=none', 'sample:1']);
  assert.equal(run.stdout, words);
  await engine.docker(['rmi', '--force', image.config.descriptor.digest]);
  const path = join(temporaryFolder(t), 'out.tar');
  await writeDockerArchive(set, { dest: { path }, tar: true, signal });
  await engine.docker(['load', '--input', path]);
  assert.equal((await engine.docker(['run', '--rm', '--network=none', 'sample:1'])).stdout, words);
});

test('a real Podman takes and runs the image, gzip and zstd', async (t) => {
  if (!requireProgram(t, 'podman', 'apt-get install podman')) return;
  if (!requirePart(t, isRoot, "the test's storage needs root")) return;
  await using engine = startPodman();
  const dockerHost = 'unix:///nowhere/docker.sock';
  for (const compression of ['gzip', 'zstd'] as const) {
    const set = sampleSet(await sampleImage({ compression }));
    const options = { engine: 'auto', dockerHost, podman: engine.command, signal } as const;
    assert.equal(await loadImage(set, options), 'podman');
    const run = await engine.podman(['run', '--rm', '--network=none', 'docker.io/library/sample:1']);
    assert.equal(run.stdout, words);
    await engine.podman(['rmi', '--all', '--force']);
  }
});

test("an engine's refusal is told in its words", async (t) => {
  const answers: string[] = [];
  const server = createServer((request, response) => {
    if (request.url === '/_ping') response.end('OK');
    else request.resume().on('end', () => response.end(answers[0]));
  });
  t.after(() => server.close());
  const socket = join(temporaryFolder(t), 's');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const set = sampleSet(await sampleImage());
  answers[0] = '{"stream":"Loading"}\n{"errorDetail":{"message":"no room"},"error":"no room"}\n';
  await assert.rejects(
    loadImage(set, { engine: 'auto', dockerHost: `unix://${socket}`, signal }),
    (e) => isFault(e, 'OUTPUT_LOAD') && /no room/.test(e.message),
  );
});

test('no engine, a broken layer and several platforms are told apart', async () => {
  const image = await sampleImage();
  const set = sampleSet(image);
  const dockerHost = 'unix:///nowhere/docker.sock';
  const podman = ['/nowhere/podman'] as const;
  await assert.rejects(loadImage(set, { engine: 'docker', dockerHost, signal }), (e) =>
    isFault(e, 'OUTPUT_LOAD'),
  );
  await assert.rejects(
    loadImage(set, { engine: 'auto', dockerHost, podman, signal }),
    (e) => isFault(e, 'OUTPUT_LOAD') && /apt-get install/.test(e.hint),
  );
  await assert.rejects(loadImage(await sampleIndex(), { engine: 'auto', dockerHost, signal }), (e) =>
    isFault(e, 'OUTPUT_INVALID'),
  );
});
