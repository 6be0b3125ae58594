import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { decodeWhiteout, encodeWhiteout, type Whiteout } from './layer-whiteouts.ts';

test('whiteouts have the names of the image spec', () => {
  const cases: readonly (readonly [name: string, meaning: Whiteout])[] = [
    ['.wh.a', { path: 'a', type: 'whiteout' }],
    ['usr/lib/.wh.b.so', { path: 'usr/lib/b.so', type: 'whiteout' }],
    ['usr/.wh..wh..opq', { path: 'usr', type: 'opaque' }],
    ['.wh..wh..opq', { path: '', type: 'opaque' }],
    ['.wh...a', { path: '..a', type: 'whiteout' }],
  ];
  for (const [name, meaning] of cases) {
    assert.deepEqual(decodeWhiteout(name), meaning);
    assert.equal(encodeWhiteout(meaning), name);
  }
  for (const name of ['', 'a', 'a.wh.b', '.wh', '.wh.a/b']) assert.equal(decodeWhiteout(name), undefined);
});

test('a whiteout never names a folder above', () => {
  for (const name of ['.wh.', 'a/.wh.', 'a/.wh..', 'a/.wh...']) {
    assert.throws(
      () => decodeWhiteout(name),
      (error) => isFault(error, 'TAR_INVALID'),
    );
  }
});
