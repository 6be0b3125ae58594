import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { openArchive } from './archive-files.ts';

function sample(t: TestContext): string {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'd/file'), 'text', { mode: 0o640 });
  writeFileSync(join(root, 'd/same'), 'text');
  writeFileSync(join(root, 'empty'), '');
  linkSync(join(root, 'd/file'), join(root, 'z'));
  symlinkSync('/etc', join(root, 'soft'));
  return root;
}

function write(t: TestContext, bytes: Uint8Array): string {
  const path = join(temporaryFolder(t), 'archive');
  writeFileSync(path, bytes);
  return path;
}

test('archives of every compression are read, with owners and modes', async (t) => {
  const root = sample(t);
  if (process.getuid?.() === 0) chownSync(join(root, 'd/file'), 7, 8);
  for (const flag of ['', '-z', '-j', '-J', '--zstd']) {
    const path = join(temporaryFolder(t), 'archive');
    const flags = flag === '' ? [] : [flag];
    execFileSync('tar', ['-C', root, ...flags, '--numeric-owner', '-cf', path, 'd', 'empty', 'soft', 'z']);
    const temp = temporaryFolder(t);
    const archive = (await openArchive(path, { temp })) ?? assert.fail(flag);
    const paths = archive.index.entries.map(({ path: at, type }) => `${type} ${at}`);
    const expected = ['dir d', 'file d/file', 'file d/same', 'file empty', 'symlink soft', 'hardlink z'];
    assert.deepEqual(paths, expected, flag);
    const file = archive.index.entries[1] ?? assert.fail();
    assert.equal(file.mode, 0o640);
    if (process.getuid?.() === 0) assert.deepEqual([file.uid, file.gid], [7, 8]);
    assert.equal(file.digest, digestOf('text'));
    const content = archive.contentOf(file);
    assert.ok(content.kind === 'layer');
    assert.equal(readFileSync(join(content.layer, content.path), 'utf8'), 'text');
  }
});

test('what is no archive is left alone', async (t) => {
  const temp = temporaryFolder(t);
  const files = [
    Buffer.from('text'),
    Buffer.alloc(0),
    Buffer.alloc(1024),
    Buffer.alloc(5000, 'x'),
    gzipSync('text'),
    gzipSync(Buffer.alloc(5000, 'x')),
    Buffer.from('BZh9 is how this text begins'),
    Buffer.from('1f8b08ffffff', 'hex'),
  ];
  for (const bytes of files) assert.equal(await openArchive(write(t, bytes), { temp }), undefined);
  assert.deepEqual(readdirSync(temp), []);
});

test('a damaged archive and names that layers cannot hold are refused', async (t) => {
  const temp = temporaryFolder(t);
  const root = sample(t);
  const tar = execFileSync('tar', ['-C', root, '-cf', '-', '.']);
  const cut = write(t, tar.subarray(0, 1800));
  await assert.rejects(openArchive(cut, { temp }), (e) => isFault(e, 'TAR_INVALID'));
  writeFileSync(join(root, '.wh.empty'), '');
  const reserved = write(t, execFileSync('tar', ['-C', root, '-cf', '-', '.']));
  await assert.rejects(
    openArchive(reserved, { temp }),
    (e) => isFault(e, 'TAR_INVALID') && /\.wh\./.test(e.message),
  );
  const up = write(t, execFileSync('tar', ['-C', join(root, 'd'), '-Pcf', '-', '../empty']));
  await assert.rejects(openArchive(up, { temp }), (e) => isFault(e, 'TAR_INVALID'));
});
