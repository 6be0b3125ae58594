import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { type CleansUp, requirePart, temporaryFolder } from '@onebuild/testkit';
import { loadPosix } from '../posix/posix.ts';
import { inPieces, layerTar, type Member } from './layer-tar.fixture.ts';
import { type UnpackOptions, unpackLayer } from './unpack-layer.ts';

const posix = await loadPosix();
const isRoot = process.getuid?.() === 0;
const rootNeeded = 'unpacking with owners needs root';

/** A folder `layer` to unpack into, beside `outside`, which nothing may touch. */
function makePlace(t: CleansUp): { readonly dir: string; readonly outside: string } {
  const folder = temporaryFolder(t);
  const place = { dir: `${folder}/layer`, outside: `${folder}/outside` };
  fs.mkdirSync(place.dir);
  fs.mkdirSync(place.outside);
  return place;
}

function unpack(t: CleansUp, members: readonly Member[], options: Partial<UnpackOptions> = {}) {
  const { dir } = makePlace(t);
  const run = () => unpackLayer(inPieces(layerTar(...members)), dir, { rootless: false, ...options });
  return { dir, run };
}

test('files keep what the archive says of them', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const capability = Buffer.from('0100000200040000000000000000000000000000', 'hex').toString('base64');
  const { dir, run } = unpack(t, [
    { path: 'bin', type: 'dir', mode: 0o2751, uid: 3, gid: 4, mtime: 1000 },
    { path: 'bin/su', type: 'file', mode: 0o4755, uid: 5, gid: 6, mtime: 2000, text: 'x'.repeat(2000) },
    { path: 'bin/ping', type: 'file', xattrs: { 'security.capability': capability, 'user.x': 'eA==' } },
    { path: 'bin/link', type: 'symlink', link: '../nowhere', uid: 7, gid: 8, mtime: 3000 },
    { path: 'bin/same', type: 'hardlink', link: 'bin/su' },
    { path: 'bin/pipe', type: 'fifo', mode: 0o600 },
    { path: 'bin/null', type: 'char', mode: 0o666, device: [1, 3] },
  ]);
  const index = await run();
  const stat = (name: string) => fs.lstatSync(`${dir}/bin${name}`);
  assert.deepEqual(
    [stat('').mode & 0o7777, stat('').uid, stat('').gid, stat('').mtimeMs],
    [0o2751, 3, 4, 1e6],
  );
  assert.deepEqual([stat('/su').mode & 0o7777, stat('/su').uid, stat('/su').gid], [0o4755, 5, 6]);
  assert.deepEqual([stat('/su').mtimeMs, stat('/su').nlink, stat('/same').ino], [2e6, 2, stat('/su').ino]);
  assert.deepEqual([stat('/link').uid, stat('/link').gid, stat('/link').mtimeMs], [7, 8, 3e6]);
  assert.equal(fs.readlinkSync(`${dir}/bin/link`), '../nowhere');
  assert.ok(stat('/pipe').isFIFO() && stat('/null').isCharacterDevice());
  assert.equal(posix.getXattr(`${dir}/bin/ping`, 'security.capability')?.toString('base64'), capability);
  assert.equal(posix.getXattr(`${dir}/bin/ping`, 'user.x'), undefined);
  const su = index.entries.find((entry) => entry.type === 'file' && entry.size === 2000);
  assert.equal(su?.digest, digestOf('x'.repeat(2000)));
});

test('folders that no member names', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { dir, run } = unpack(t, [{ path: 'a/b/c', type: 'file', uid: 9 }]);
  await run();
  const stat = fs.lstatSync(`${dir}/a/b`);
  assert.deepEqual([stat.mode & 0o7777, stat.uid, stat.mtimeMs], [0o755, 0, 0]);
});

test('whiteouts and opaque folders', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { dir, run } = unpack(t, [
    { path: '.wh.gone', type: 'file' },
    { path: 'dir/.wh..wh..opq', type: 'file' },
    { path: '.wh.again', type: 'file' },
    { path: 'again', type: 'dir' },
    { path: 'kept', type: 'file' },
    { path: '.wh.kept', type: 'file' },
    { path: '.wh..wh.plnk', type: 'dir' },
  ]);
  const index = await run();
  const gone = fs.lstatSync(`${dir}/gone`);
  assert.ok(gone.isCharacterDevice() && gone.rdev === 0);
  for (const name of ['dir', 'again']) {
    assert.equal(posix.getXattr(`${dir}/${name}`, 'trusted.overlay.opaque')?.toString(), 'y', name);
  }
  assert.deepEqual(fs.readdirSync(dir).sort(), ['again', 'dir', 'gone', 'kept']);
  assert.ok(fs.lstatSync(`${dir}/kept`).isFile());
  assert.ok(index.entries.some(({ path, type }) => path === 'gone' && type === 'whiteout'));
});

test("overlayfs' own attributes are not taken from archives", async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const xattrs = {
    'trusted.overlay.opaque': 'eQ==',
    'trusted.overlay.redirect': 'L2V0Yw==',
    'user.keep': 'eA==',
  };
  const { dir, run } = unpack(t, [{ path: 'd', type: 'dir', xattrs }], { keepXattr: () => true });
  const index = await run();
  assert.deepEqual(posix.listXattrs(`${dir}/d`), ['user.keep']);
  assert.deepEqual(index.entries[0]?.xattrs, { 'user.keep': 'eA==' });
});

test('nothing is written through symlinks', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const attacks: ((outside: string) => Member[])[] = [
    (outside) => [
      { path: 'a', type: 'symlink', link: outside },
      { path: 'a/x', type: 'file' },
    ],
    (outside) => [
      { path: 'a', type: 'symlink', link: outside },
      { path: 'a', type: 'dir', mode: 0o777 },
    ],
    (outside) => [
      { path: 'a', type: 'symlink', link: `${outside}/x` },
      { path: 'a', type: 'file' },
    ],
    () => [
      { path: 'd/a', type: 'symlink', link: '../../outside' },
      { path: 'd/a/b/x', type: 'dir' },
    ],
    () => [
      { path: 'a', type: 'symlink', link: '../outside' },
      { path: 'a/.wh.x', type: 'file' },
    ],
    () => [
      { path: 'a', type: 'symlink', link: '../outside' },
      { path: 'a/.wh..wh..opq', type: 'file' },
    ],
    () => [
      { path: 'a', type: 'symlink', link: '../outside' },
      { path: 'a/b', type: 'symlink', link: '..' },
      { path: 'a/b/outside/x', type: 'file' },
    ],
    () => [
      { path: 'a', type: 'symlink', link: '../outside' },
      { path: 'h', type: 'hardlink', link: 'a/secret' },
    ],
    () => [{ path: '../outside/x', type: 'file' }],
    () => [{ path: 'h', type: 'hardlink', link: '../outside/secret' }],
  ];
  for (const attack of attacks) {
    const { dir, outside } = makePlace(t);
    fs.writeFileSync(`${outside}/secret`, 'secret');
    const before = fs.lstatSync(outside);
    const tar = layerTar(...attack(outside));
    await unpackLayer(inPieces(tar), dir, { rootless: false }).catch((error: unknown) => {
      assert.ok(isFault(error, 'TAR_INVALID'), String(error));
    });
    const after = fs.lstatSync(outside);
    assert.deepEqual(fs.readdirSync(outside), ['secret']);
    assert.deepEqual(
      [after.mode, after.mtimeMs, after.ctimeMs],
      [before.mode, before.mtimeMs, before.ctimeMs],
    );
    assert.equal(fs.lstatSync(`${outside}/secret`).nlink, 1);
    assert.deepEqual(posix.listXattrs(outside), []);
  }
});

test('a later member replaces an earlier one of another type', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { dir, run } = unpack(t, [
    { path: 'a', type: 'dir' },
    { path: 'a/b/c', type: 'file', text: '1' },
    { path: 'a', type: 'file', text: '2' },
    { path: 'd', type: 'file' },
    { path: 'd', type: 'dir', mode: 0o700 },
    { path: 'd/e', type: 'file', text: '3' },
    { path: 'd/e', type: 'file', text: '4' },
  ]);
  await run();
  assert.equal(fs.readFileSync(`${dir}/a`, 'utf8'), '2');
  assert.equal(fs.readFileSync(`${dir}/d/e`, 'utf8'), '4');
  assert.equal(fs.lstatSync(`${dir}/d`).mode & 0o777, 0o700);
});

test('hard links to folders and to nothing are refused', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  for (const link of ['d', 'nothing', '']) {
    const { run } = unpack(t, [
      { path: 'd', type: 'dir' },
      { path: 'h', type: 'hardlink', link },
    ]);
    await assert.rejects(run, (error) => isFault(error, 'TAR_INVALID'), link);
  }
});

test('rootless: devices are left out', async (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const members: Member[] = [
    { path: 'null', type: 'char', device: [1, 3] },
    { path: 'null2', type: 'hardlink', link: 'null' },
    { path: 'd/.wh..wh..opq', type: 'file' },
  ];
  const { dir, run } = unpack(t, members, { rootless: true });
  const index = await run();
  assert.deepEqual(fs.readdirSync(dir), ['d']);
  assert.equal(posix.getXattr(`${dir}/d`, 'user.overlay.opaque')?.toString(), 'y');
  assert.equal(index.entries.length, 3);
});

test('an archive that breaks off, and a canceled one', async (t) => {
  const dir = temporaryFolder(t);
  const tar = layerTar({ path: 'f', type: 'file', text: 'x'.repeat(5000) });
  const options = { rootless: false };
  const broken = unpackLayer(inPieces(tar.subarray(0, 3000)), dir, options);
  await assert.rejects(broken, (error) => isFault(error, 'TAR_INVALID'));
  const canceled = unpackLayer(inPieces(tar), dir, { ...options, signal: AbortSignal.abort() });
  await assert.rejects(canceled, (error) => isFault(error, 'CANCELED'));
  const open = fs.readdirSync('/proc/self/fd').map((fd) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${fd}`);
    } catch {
      return '';
    }
  });
  assert.ok(!open.some((path) => path.startsWith(dir)), 'no file stays open');
});
