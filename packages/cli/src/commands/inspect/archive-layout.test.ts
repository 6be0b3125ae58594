import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { tarHeader, tarPadding, tarTrailer } from '@onebuild/oci';
import { openArchiveLayout } from './archive-layout.ts';

const folder = mkdtempSync(join(tmpdir(), 'onebuild-archive-'));
after(() => rmSync(folder, { recursive: true }));

const large = Buffer.alloc(2 ** 20 + 3, 'x');

function member(path: string, content: Buffer): Buffer {
  const header = { path, type: 'file', mode: 0o644, uid: 0, gid: 0, mtime: 0, size: content.length } as const;
  return Buffer.concat([tarHeader(header), content, Buffer.alloc(tarPadding(content.length))]);
}

function archive(...members: Buffer[]): string {
  const path = join(folder, 'layout.tar');
  writeFileSync(path, Buffer.concat([...members, tarTrailer]));
  return path;
}

async function readAll(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(bytes));
}

test('small and large files of an archive', async () => {
  const path = archive(member('index.json', Buffer.from('one')), member('blobs/sha256/a', large));
  const files = await openArchiveLayout(path);
  assert.equal(String(await files.read('index.json', 10)), 'one');
  assert.deepEqual(await readAll(files.open('index.json')), Buffer.from('one'));
  assert.deepEqual(await readAll(files.open('blobs/sha256/a')), large);
  assert.deepEqual(await files.read('blobs/sha256/a', large.length), large);
  assert.equal(await files.read('missing', 10), undefined);
});

test('files that are missing, too large or there twice', async () => {
  const path = archive(
    member('index.json', Buffer.from('first')),
    member('index.json', Buffer.from('second')),
    member('large', large),
  );
  const files = await openArchiveLayout(path);
  assert.equal(String(await files.read('index.json', 10)), 'second');
  await assert.rejects(files.read('index.json', 3), (error) => isFault(error, 'MANIFEST_INVALID'));
  await assert.rejects(files.read('large', 3), (error) => isFault(error, 'MANIFEST_INVALID'));
  await assert.rejects(readAll(files.open('missing')), (error) => isFault(error, 'BLOB_NOT_FOUND'));
});

test('what is no archive is refused', async () => {
  const path = join(folder, 'text');
  writeFileSync(path, Buffer.alloc(1024, 'no archive '));
  await assert.rejects(openArchiveLayout(path), (error) => isFault(error, 'TAR_INVALID'));
});
