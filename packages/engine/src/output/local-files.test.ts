import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { temporaryFolder } from '@onebuild/testkit';
import { trueName } from '../posix/open-inside.ts';
import { createFolderTree } from '../source/folder-tree.ts';
import { platformFolder, writeLocalFiles, writeTarFiles } from './local-files.ts';
import { createFilePlacer } from './place-file.ts';

const { signal } = new AbortController();
/** Only root can remove what is in a folder without the right to write. */
const closed = process.getuid?.() === 0 ? 0o555 : 0o755;
const platform = { os: 'linux', architecture: 'amd64' };
const other = { os: 'linux', architecture: 'arm', variant: 'v7' };

function sample(t: TestContext): string {
  const folder = temporaryFolder(t);
  mkdirSync(join(folder, 'd/e'), { recursive: true });
  writeFileSync(join(folder, 'd/file'), 'content', { mode: 0o640 });
  writeFileSync(join(folder, 'd/e/program'), '#!/bin/sh\n', { mode: 0o755 });
  linkSync(join(folder, 'd/file'), join(folder, 'd/hard'));
  symlinkSync('/etc/passwd', join(folder, 'd/soft'));
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  for (const path of ['d/file', 'd/e', 'd']) utimesSync(join(folder, path), 1000, 1000);
  chmodSync(join(folder, 'd/e'), closed);
  return folder;
}

test('files arrive with modes, times and links; what no folder can have is told', async (t) => {
  const tree = createFolderTree(sample(t), {});
  const dest = join(temporaryFolder(t), 'new/out');
  const skipped = await writeLocalFiles([{ platform, tree }], { dest, signal });
  assert.deepEqual(skipped, ['pipe']);
  assert.deepEqual(readdirSync(dest, { recursive: true, encoding: 'utf8' }).sort(), [
    'd',
    'd/e',
    'd/e/program',
    'd/file',
    'd/hard',
    'd/soft',
  ]);
  const file = statSync(join(dest, 'd/file'));
  assert.equal(file.mode & 0o7777, 0o640);
  assert.equal(file.mtimeMs, 1_000_000);
  assert.equal(file.ino, statSync(join(dest, 'd/hard')).ino);
  assert.equal(statSync(join(dest, 'd/e')).mode & 0o7777, closed);
  assert.equal(statSync(join(dest, 'd')).mtimeMs, 1_000_000);
  assert.equal(readlinkSync(join(dest, 'd/soft')), '/etc/passwd');
});

test('nothing is written through a link that was there', async (t) => {
  const tree = createFolderTree(sample(t), {});
  const dest = temporaryFolder(t);
  const outside = temporaryFolder(t);
  writeFileSync(join(outside, 'file'), 'untouched');
  symlinkSync(outside, join(dest, 'd'));
  await writeLocalFiles([{ platform, tree }], { dest, signal });
  assert.deepEqual(readdirSync(outside), ['file']);
  assert.equal(readFileSync(join(outside, 'file'), 'utf8'), 'untouched');
  symlinkSync(join(outside, 'file'), join(dest, 'd/again'));
  await writeLocalFiles([{ platform, tree }], { dest, signal });
  assert.equal(readFileSync(join(dest, 'd/file'), 'utf8'), 'content');
  assert.equal(readlinkSync(join(dest, 'd/again')), join(outside, 'file'));
});

test('a link that takes the place of a folder meanwhile is not written through', async (t) => {
  const dest = trueName(temporaryFolder(t));
  const outside = temporaryFolder(t);
  const place = createFilePlacer(dest);
  t.after(() => place.close());
  const entry = { uid: 0, gid: 0, mtime: 0, size: 0 };
  place.folder({ ...entry, path: 'd', type: 'dir', mode: 0o755 });
  place.folder({ ...entry, path: 'e', type: 'dir', mode: 0o755 });
  rmSync(join(dest, 'd'), { recursive: true });
  symlinkSync(outside, join(dest, 'd'));
  const bytes = { kind: 'bytes', bytes: new Uint8Array() } as const;
  const elsewhere = (error: unknown) =>
    ['ELOOP', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');
  assert.throws(() => place.file({ ...entry, path: 'd/f', type: 'file', mode: 0o644 }, bytes), elsewhere);
  assert.throws(
    () => place.symlink({ ...entry, path: 'd/f', type: 'symlink', link: 'x', mode: 0o777 }),
    elsewhere,
  );
  assert.throws(() => place.folder({ ...entry, path: 'd/f', type: 'dir', mode: 0o755 }), elsewhere);
  assert.throws(() => place.finish(), elsewhere);
  assert.deepEqual(readdirSync(outside), []);
});

test('several platforms have a folder each', async (t) => {
  const results = [
    { platform, tree: createFolderTree(sample(t), {}) },
    { platform: other, tree: createFolderTree(sample(t), {}) },
  ];
  const dest = temporaryFolder(t);
  const outside = temporaryFolder(t);
  symlinkSync(outside, join(dest, 'linux_amd64'));
  await writeLocalFiles(results, { dest, signal });
  assert.deepEqual(readdirSync(outside), []);
  assert.deepEqual(readdirSync(dest).sort(), ['linux_amd64', 'linux_arm_v7']);
  assert.equal(platformFolder(other), 'linux_arm_v7');
  const path = join(dest, 'out.tar');
  await writeTarFiles(results, { dest: { path }, signal });
  const names = execFileSync('tar', ['-tf', path]).toString().trimEnd().split('\n');
  assert.equal(names.length, 16);
  assert.ok(names.includes('linux_arm_v7/d/e/program'));
});

test('the archive has the files as tar lists them, the same each time', async (t) => {
  const folder = sample(t);
  const dest = temporaryFolder(t);
  const write = async (name: string) => {
    const path = join(dest, name);
    await writeTarFiles([{ platform, tree: createFolderTree(folder, {}) }], { dest: { path }, signal });
    return readFileSync(path);
  };
  assert.ok((await write('one')).equals(await write('two')));
  const lines = execFileSync('tar', ['-tvf', join(dest, 'one'), '--numeric-owner'])
    .toString()
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/ +\d+ .{16} /, ' '));
  assert.deepEqual(lines, [
    'drwxr-xr-x 0/0 d/',
    closed === 0o555 ? 'dr-xr-xr-x 0/0 d/e/' : 'drwxr-xr-x 0/0 d/e/',
    '-rwxr-xr-x 0/0 d/e/program',
    '-rw-r----- 0/0 d/file',
    'hrw-r----- 0/0 d/hard link to d/file',
    'lrwxrwxrwx 0/0 d/soft -> /etc/passwd',
    'prw-r--r-- 0/0 pipe',
  ]);
});

test('a file that changed meanwhile is refused', async (t) => {
  const folder = sample(t);
  const tree = createFolderTree(folder, {});
  await tree.digests(['d/file']);
  writeFileSync(join(folder, 'd/file'), 'CONTENT');
  await assert.rejects(writeLocalFiles([{ platform, tree }], { dest: temporaryFolder(t), signal }), (e) =>
    isFault(e, 'CONTEXT_CHANGED'),
  );
});
