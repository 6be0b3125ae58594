import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import {
  requireProgram,
  startDockerRegistry,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import type { CachePlace } from './cache-place.ts';
import { bytesOf, keysOf } from './cache-place.contract.ts';
import { createLayoutPlace } from './layout-place.ts';
import { createRegistryPlace } from './registry-place.ts';
import { sampleContents, signal } from './sample-contents.fixture.ts';

const writers = 8;
const killed = 3;
const rounds = 3;
const child = join(import.meta.dirname, 'writer-child.fixture.ts');

/** Runs a writer, killed after it said `until` lines or a moment later; gives what it said to be in the cache. */
async function runWriter(where: string, name: string, until: number): Promise<readonly string[]> {
  const process = spawn('node', [child, where, name, String(rounds)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  let complaint = '';
  process.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()));
  process.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString();
    if (said.split('\n').length > until) setTimeout(() => process.kill('SIGKILL'), Math.random() * 60);
  });
  const [code] = await once(process, 'close');
  if (until > rounds) assert.equal(code, 0, complaint);
  return said.split('\n').slice(0, -1);
}

async function writeTogether(where: string, place: CachePlace): Promise<void> {
  let writing = true;
  const read = async () => {
    while (writing) {
      for (const record of (await place.read(signal))?.records ?? []) assert.ok(record.kind);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const reading = read();
  const said = await Promise.all(
    Array.from({ length: writers }, (_, i) =>
      runWriter(where, `writer ${i}`, i < killed ? 1 + (i % rounds) : Number.POSITIVE_INFINITY),
    ),
  ).finally(() => {
    writing = false;
  });
  await reading;
  assert.ok(said.flat().length >= (writers - killed) * rounds + killed);
  const contents = await place.read(signal);
  assert.ok(contents);
  const keys = new Set(keysOf(contents.records));
  for (const name of said.flat()) {
    for (const key of keysOf(sampleContents(name).contents.records))
      assert.ok(keys.has(key), `${name}: ${key}`);
  }
  for (const descriptor of contents.blobs.values()) {
    assert.equal((await bytesOf(place.open(descriptor, signal))).length, descriptor.size);
  }
}

test('eight processes write one folder, some are killed: what they said is there', async (t) => {
  const path = join(temporaryFolder(t), 'cache');
  await writeTogether(path, createLayoutPlace({ path, tag: 'latest', clock: Date.now }));
});

for (const [name, start, program] of [
  ['our own registry', () => startOneBuildRegistry(), 'node'],
  ["Debian's docker-registry", () => startDockerRegistry(), 'docker-registry'],
] as const) {
  test(`eight processes write one reference of ${name}, some are killed: what they said is there`, async (t) => {
    if (!requireProgram(t, program, `apt-get install ${program}`)) return;
    await using server = await start();
    const registry = createRegistryClient();
    t.after(() => registry.close());
    const where = `${server.host}/app:onebuild-cache`;
    const place = createRegistryPlace({ registry, reference: parseReference(where), clock: Date.now });
    await writeTogether(where, place);
  });
}
