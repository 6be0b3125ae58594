import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isFault } from '@onebuild/core';
import { resolvePath } from './resolve-path.ts';

const links: Readonly<Record<string, string>> = {
  bin: 'usr/bin',
  'usr/lib': '../opt/lib',
  abs: '/usr',
  out: '../../../etc',
  loop: 'loop',
  ping: 'pong',
  pong: 'ping',
};
const tree = {
  get(path: string) {
    const link = links[path];
    const type = link === undefined ? 'dir' : 'symlink';
    return {
      path,
      type,
      mode: 0o777,
      uid: 0,
      gid: 0,
      size: 0,
      mtime: 0,
      ...(link !== undefined && { link }),
    } as const;
  },
};
const follow = (path: string) => resolvePath(tree, path, { followLast: true });

describe('paths in a tree', () => {
  it('follow links of all kinds', () => {
    assert.equal(follow('bin/sh'), 'usr/bin/sh');
    assert.equal(follow('usr/lib/x'), 'opt/lib/x');
    assert.equal(follow('/abs/./share//x'), 'usr/share/x');
  });
  it('never leave the root', () => {
    assert.equal(follow('out/passwd'), 'etc/passwd');
    assert.equal(follow('../../x/../../y'), 'y');
  });
  it('are refused when they would lead out, if asked to', () => {
    const confined = (path: string) => resolvePath(tree, path, { followLast: true, refuseOutside: true });
    assert.equal(confined('abs/share'), 'usr/share');
    assert.throws(
      () => confined('out/passwd'),
      (error) => isFault(error, 'SOURCE_NOT_FOUND'),
    );
  });
  it('keep the last link when asked to', () => {
    assert.equal(resolvePath(tree, 'bin', { followLast: false }), 'bin');
    assert.equal(resolvePath(tree, 'bin/', { followLast: false }), 'bin');
    assert.equal(resolvePath(tree, 'abs/lib', { followLast: false }), 'usr/lib');
  });
  it('refuse circles', () => {
    for (const path of ['loop', 'ping/x']) {
      assert.throws(
        () => follow(path),
        (error) => isFault(error, 'SOURCE_NOT_FOUND'),
      );
    }
  });
});
