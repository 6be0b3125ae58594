import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { tarHeader, tarTrailer } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { openTarContext } from './tar-context.ts';

const { signal } = new AbortController();

async function* cut(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 300) yield bytes.subarray(at, at + 300);
}

const open = (t: TestContext, bytes: Buffer) =>
  openTarContext(cut(bytes), { temp: temporaryFolder(t), name: 'stdin', signal });

function archive(t: TestContext): Buffer {
  const root = temporaryFolder(t);
  mkdirSync(join(root, 'd'));
  writeFileSync(join(root, 'd/program'), 'x', { mode: 0o755 });
  writeFileSync(join(root, 'Dockerfile'), 'FROM scratch\n');
  writeFileSync(join(root, '.wh.plain'), 'kept');
  symlinkSync('d/program', join(root, 'soft'));
  linkSync(join(root, 'Dockerfile'), join(root, 'hard'));
  return execFileSync('tar', ['-C', root, '--mtime=@1500', '-cf', '-', '.']);
}

test('archives of every compression become a folder', async (t) => {
  const tar = archive(t);
  for (const [program, ...rest] of [
    ['cat'],
    ['gzip', '-c'],
    ['bzip2', '-c'],
    ['xz', '-c'],
    ['zstd', '-cq'],
  ]) {
    const { path = '' } = await open(t, execFileSync(program ?? '', rest, { input: tar }));
    assert.deepEqual(readdirSync(path).sort(), ['.wh.plain', 'Dockerfile', 'd', 'hard', 'soft'], program);
    assert.equal(statSync(join(path, 'd/program')).mode & 0o7777, 0o755);
    assert.equal(statSync(join(path, 'd/program')).mtimeMs, 1_500_000);
    assert.equal(statSync(join(path, 'hard')).ino, statSync(join(path, 'Dockerfile')).ino);
    assert.equal(readlinkSync(join(path, 'soft')), 'd/program');
    assert.equal(readFileSync(join(path, '.wh.plain'), 'utf8'), 'kept');
  }
});

test('anything else is a Dockerfile alone', async (t) => {
  for (const text of ['FROM scratch\n', '', `FROM scratch\n${'# long\n'.repeat(1000)}`]) {
    assert.deepEqual(await open(t, Buffer.from(text)), { path: undefined, dockerfile: text });
  }
  await assert.rejects(open(t, Buffer.alloc(5 << 20, 'x')), (e) => isFault(e, 'CONTEXT_READ'));
});

test('an empty archive is an empty context', async (t) => {
  const { path = '' } = await open(t, Buffer.alloc(10_240));
  assert.deepEqual(readdirSync(path), []);
});

test('a damaged archive is refused', async (t) => {
  const tar = archive(t);
  await assert.rejects(
    open(t, tar.subarray(0, 1700)),
    (e) => isFault(e, 'TAR_INVALID') && /stdin/.test(e.message),
  );
  const gzip = execFileSync('gzip', ['-c'], { input: tar });
  await assert.rejects(open(t, gzip.subarray(0, gzip.length - 20)), (e) => isFault(e, 'TAR_INVALID'));
  const text = execFileSync('gzip', ['-c'], { input: 'FROM scratch' });
  await assert.rejects(open(t, text), (e) => isFault(e, 'TAR_INVALID'));
});

test('nothing is written outside', async (t) => {
  const outside = temporaryFolder(t);
  const plain = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 } as const;
  const hostile = Buffer.concat([
    tarHeader({ ...plain, path: 'way', type: 'symlink', link: outside }),
    tarHeader({ ...plain, path: 'way/file', type: 'file' }),
    tarHeader({ ...plain, path: 'up', type: 'symlink', link: '..' }),
    tarHeader({ ...plain, path: 'up/up/file', type: 'file' }),
    tarTrailer,
  ]);
  const { path = '' } = await open(t, hostile);
  assert.deepEqual(readdirSync(outside), []);
  assert.deepEqual(readdirSync(join(path, '..')), [path.slice(path.lastIndexOf('/') + 1)]);
  const leaving = Buffer.concat([tarHeader({ ...plain, path: '../evil', type: 'file' }), tarTrailer]);
  await assert.rejects(open(t, leaving), (e) => isFault(e, 'TAR_INVALID'));
  assert.ok(!existsSync(join(path, '../evil')));
});
