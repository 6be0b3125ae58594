import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { makeArchive, type Part } from '../../test/make-archive.ts';
import { digestOf } from '../digest.ts';
import type { LayerEntry } from '../layer-index.ts';
import { createTarParser } from '../tar/tar-parser.ts';
import { createLayerIndexer, type LayerIndexerOptions } from './layer-indexer.ts';

function index(
  parts: readonly Part[],
  options?: LayerIndexerOptions,
  chunk = 1 << 20,
): readonly LayerEntry[] {
  const indexer = createLayerIndexer(options);
  const parser = createTarParser(indexer);
  const archive = makeArchive(parts);
  for (let at = 0; at < archive.length; at += chunk) parser.write(archive.subarray(at, at + chunk));
  parser.end();
  return indexer.finish().entries;
}

function brief(parts: readonly Part[]): string[] {
  return index(parts).map(
    ({ path, type, link }) => `${type} ${path}${link === undefined ? '' : ` > ${link}`}`,
  );
}

const dir = (path: string): Part => ({ path, type: 'dir', mode: 0o755 });
const link = (path: string, target: string): Part => ({ path, type: 'hardlink', link: target });

test('entries carry what the archive says, with the digest of each content', () => {
  const parts: Part[] = [
    { path: 'b', content: 'hello', mode: 0o600, uid: 1, gid: 2, mtime: 3 },
    dir('a'),
    { path: 'a/s', type: 'symlink', link: '../b' },
    { path: 'a/null', type: 'char', device: [1, 3] },
    { path: 'a/empty' },
  ];
  const owner = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 };
  for (const chunk of [1 << 20, 3]) {
    assert.deepEqual(index(parts, {}, chunk), [
      { ...owner, path: 'a', type: 'dir', mode: 0o755 },
      { ...owner, path: 'a/empty', type: 'file', digest: digestOf('') },
      { ...owner, path: 'a/null', type: 'char', device: [1, 3] },
      { ...owner, path: 'a/s', type: 'symlink', link: '../b' },
      { path: 'b', type: 'file', mode: 0o600, uid: 1, gid: 2, size: 5, mtime: 3, digest: digestOf('hello') },
    ]);
  }
});

test('a path that comes again replaces what it was, and what was below it', () => {
  assert.deepEqual(brief([dir('a'), { path: 'a/b' }, { path: 'a/c/d' }, { path: 'a' }, { path: 'a.b' }]), [
    'file a',
    'file a.b',
  ]);
  const again = [dir('a'), { path: 'a/b' }, { path: 'a' }, dir('a'), { path: 'a/c' }, dir('a')];
  assert.deepEqual(brief(again), ['dir a', 'file a/c']);
  assert.deepEqual(brief([{ path: 'a/b/c' }, { path: 'a', type: 'symlink', link: 'x' }]), ['symlink a > x']);
  assert.deepEqual(brief([{ path: 'a' }, dir('a'), { path: 'a/b' }]), ['dir a', 'file a/b']);
});

test('below a symlink there may be something, below a file not', () => {
  const lib: Part = { path: 'lib', type: 'symlink', link: 'usr/lib' };
  assert.deepEqual(brief([lib, { path: 'lib/x' }]), ['symlink lib > usr/lib', 'file lib/x']);
  assert.throws(
    () => index([{ path: 'a' }, { path: 'a/b/c' }]),
    (error) => isFault(error, 'TAR_INVALID') && /"a\/b\/c" is below "a"/.test(error.message),
  );
});

test('the first name of a file carries it, whatever the order was', () => {
  const parts = [{ path: 'm', content: 'x', mode: 0o755 }, link('z', 'm'), link('b', 'z')];
  assert.deepEqual(brief(parts), ['file b', 'hardlink m > b', 'hardlink z > b']);
  const [first, second] = index(parts);
  assert.deepEqual([first?.size, first?.digest, first?.mode], [1, digestOf('x'), 0o755]);
  assert.deepEqual([second?.size, second?.digest, second?.mode], [0, undefined, 0o755]);
  // The link holds the content even when the first name is replaced afterwards.
  assert.deepEqual(brief([{ path: 'a', content: 'x' }, link('b', 'a'), { path: 'a', content: 'y' }]), [
    'file a',
    'file b',
  ]);
});

test('a hard link needs its target in the layer', () => {
  for (const parts of [[link('a', 'b')], [link('a', 'b'), { path: 'b' }], [dir('b'), link('a', 'b')]]) {
    assert.throws(
      () => index(parts),
      (error) => isFault(error, 'TAR_INVALID') && /hard link "a"/.test(error.message),
    );
  }
});

test('whiteouts are decoded; beside content of the same layer they hide lower layers only', () => {
  assert.deepEqual(brief([dir('d'), { path: 'd/.wh..wh..opq' }, { path: 'd/.wh.gone' }, { path: '.wh.x' }]), [
    'dir d',
    'opaque d',
    'whiteout d/gone',
    'whiteout x',
  ]);
  assert.deepEqual(brief([{ path: 'a' }, { path: '.wh.a' }]), ['file a']);
  assert.deepEqual(brief([{ path: '.wh.a' }, dir('a'), { path: 'a/b' }]), ['dir a', 'opaque a', 'file a/b']);
  assert.deepEqual(brief([{ path: 'd/.wh..wh..opq' }, { path: '.wh.d' }]), ['opaque d']);
  assert.deepEqual(brief([{ path: '.wh..wh.plnk', type: 'dir' }, { path: '.wh..wh.plnk/1.2' }]), []);
  const [mark] = index([{ path: '.wh.x', mode: 0o600, uid: 4, content: 'no' }]);
  assert.deepEqual(mark, { path: 'x', type: 'whiteout', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 });
});

test('file capabilities are kept, other attributes when asked for', () => {
  const xattrs = { 'security.capability': 'AQ==', 'user.note': 'AA==' };
  const [entry] = index([{ path: 'a', xattrs }]);
  assert.deepEqual(entry?.xattrs, { 'security.capability': 'AQ==' });
  const [all] = index([{ path: 'a', xattrs }], { keepXattr: () => true });
  assert.deepEqual(all?.xattrs, xattrs);
  const [none] = index([{ path: 'a', xattrs: { 'user.note': 'AA==' } }]);
  assert.ok(none && !('xattrs' in none));
});

test('names are sorted by their bytes', () => {
  const names = ['\u{1f600}', '\uffee', 'a-b', 'a/b', 'a', '\udcff'];
  assert.deepEqual(
    index(names.map((path) => (path === 'a' ? dir(path) : { path }))).map(({ path }) => path),
    ['a', 'a-b', 'a/b', '\uffee', '\u{1f600}', '\udcff'],
  );
});

test('replacing a deep tree again and again stays quick', () => {
  const parts: Part[] = [];
  for (let round = 0; round < 20; round++) {
    for (let depth = 1; depth < 60; depth++) parts.push({ path: `${'d/'.repeat(depth)}f${round}` });
    parts.push({ path: 'd' });
  }
  assert.deepEqual(brief(parts), ['file d']);
});
