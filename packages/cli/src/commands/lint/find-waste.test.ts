import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import { findWaste } from './find-waste.ts';

const file = (path: string, size: number, content = path): LayerEntry => ({
  path,
  type: 'file',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size,
  mtime: 0,
  digest: digestOf(Buffer.from(content)),
});
const mark = (path: string, type: 'whiteout' | 'opaque'): LayerEntry => ({ ...file(path, 0), type });

test('what later layers remove, replace and hold again', () => {
  const waste = findWaste([
    [
      file('a', 10),
      file('d/x', 5),
      file('d/y', 6),
      file('dd', 9),
      file('o/p/q', 3),
      file('s', 20),
      file('r', 30),
    ],
    [
      mark('a', 'whiteout'),
      mark('d', 'whiteout'),
      mark('o', 'opaque'),
      file('s', 20),
      file('r', 31, 'other'),
    ],
    [file('a', 1), mark('a', 'whiteout'), mark('none', 'whiteout')],
  ]);
  assert.deepEqual(waste, [
    { madeIn: 1, goneIn: 2, bytes: 30, files: 1, example: 'r', how: 'replaces' },
    { madeIn: 1, goneIn: 2, bytes: 24, files: 4, example: 'a', how: 'removes' },
    { madeIn: 1, goneIn: 2, bytes: 20, files: 1, example: 's', how: 'repeats' },
  ]);
});

test('layers that hide nothing', () => {
  assert.deepEqual(findWaste([[file('a', 1)], [file('b', 1)]]), []);
  assert.deepEqual(findWaste([]), []);
});
