import assert from 'node:assert/strict';
import {
  closeSync,
  constants,
  lstatSync,
  mkdirSync,
  readSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { test } from 'node:test';
import { decodePath } from '@onebuild/oci';
import { requirePart, temporaryFolder } from '@onebuild/testkit';
import { unpackDevice } from './device-number.ts';
import { nativePath } from './native-path.ts';
import { loadPosix } from './posix.ts';

const posix = await loadPosix();
const isRoot = process.getuid?.() === 0;

test('extended attributes of a path that is not UTF-8', (t) => {
  const folder = temporaryFolder(t);
  const path = nativePath(decodePath(Buffer.concat([Buffer.from(`${folder}/x`), Buffer.from([0xff])])));
  assert.ok(Buffer.isBuffer(path));
  writeFileSync(path, '');
  posix.setXattr(path, 'user.test', Buffer.from([0, 1, 255]));
  assert.deepEqual(posix.listXattrs(path), ['user.test']);
  assert.deepEqual(posix.getXattr(path, 'user.test'), Buffer.from([0, 1, 255]));
  posix.removeXattr(path, 'user.test');
  assert.deepEqual(posix.listXattrs(path), []);
  assert.equal(posix.getXattr(path, 'user.test'), undefined);
});

test('symlinks are not followed', (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(`${folder}/file`, '');
  symlinkSync('file', `${folder}/link`);
  assert.throws(() => posix.setXattr(`${folder}/link`, 'user.test', Buffer.from('x')), { code: 'EPERM' });
});

test('errors look like those of Node', (t) => {
  const path = `${temporaryFolder(t)}/nothing`;
  assert.throws(() => posix.setXattr(path, 'user.test', Buffer.alloc(1)), {
    code: 'ENOENT',
    syscall: 'lsetxattr',
    path,
  });
});

test('nodes', (t) => {
  const folder = temporaryFolder(t);
  mkdirSync(`${folder}/a`);
  posix.makeNode(`${folder}/a/fifo`, constants.S_IFIFO | 0o600);
  assert.ok(lstatSync(`${folder}/a/fifo`).isFIFO());
  posix.makeNode(`${folder}/a/white`, constants.S_IFCHR, [0, 0]);
  assert.equal(lstatSync(`${folder}/a/white`).rdev, 0);
  if (!requirePart(t, isRoot, 'devices need root')) return;
  posix.makeNode(`${folder}/a/null`, constants.S_IFCHR | 0o666, [1, 3]);
  const stat = lstatSync(`${folder}/a/null`);
  assert.ok(stat.isCharacterDevice());
  assert.deepEqual(unpackDevice(stat.rdev), [1, 3]);
});

test('a pipe', () => {
  const { read, write } = posix.makePipe();
  writeSync(write, 'hello');
  closeSync(write);
  const buffer = Buffer.alloc(10);
  assert.equal(buffer.toString('utf8', 0, readSync(read, buffer)), 'hello');
  assert.ok(!lstatSync(`/proc/self/fd/${read}`).isSocket());
  closeSync(read);
});
