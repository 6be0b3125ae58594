import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import { temporaryRoot } from './testing/open-registry.ts';
import { pushBlob, startUpload } from './testing/raw-client.ts';
import { spawnRegistry } from './testing/spawn-registry.ts';

const megabyte = 1024 * 1024;

test('a blob of 300 MB goes in and out in little memory', {
  skip: process.platform !== 'linux',
}, async (t) => {
  const { ask, url, process: child } = await spawnRegistry(t, temporaryRoot());
  const peak = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) / 1024;
  const chunk = Buffer.alloc(megabyte, 'some content');
  await pushBlob(ask, 'a', chunk);
  const before = peak();
  const hash = createHash('sha256');
  for (let at = 0; at < 300; at++) hash.update(chunk);
  const name = `sha256:${hash.digest('hex')}`;
  const target = new URL(`${await startUpload(ask, 'a')}?digest=${name}`, url);
  const status = await new Promise((resolve, reject) => {
    const sent = request(target, { method: 'PUT', headers: { 'content-length': 300 * megabyte } });
    sent.on('response', (answer) => resolve(answer.resume().statusCode)).on('error', reject);
    const push = (left: number) => (left === 0 ? sent.end() : sent.write(chunk, () => push(left - 1)));
    push(300);
  });
  assert.equal(status, 201);
  let size = 0;
  const answer = await fetch(new URL(`/v2/a/blobs/${name}`, url));
  for await (const part of answer.body ?? []) size += (part as Uint8Array).length;
  assert.equal(size, 300 * megabyte);
  assert.ok(peak() - before < 100, `memory grew from ${before} to ${peak()} MB`);
});
