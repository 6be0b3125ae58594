import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import { createMemoryTree } from './memory-tree.ts';

test('files in memory have folders above them', async () => {
  const tree = createMemoryTree([
    { path: 'b', content: Buffer.from('bee'), mode: 0o600, mtime: 5 },
    { path: 'a/x/y', content: Buffer.from('why') },
  ]);
  assert.deepEqual(tree.list(''), ['a', 'b']);
  assert.deepEqual(tree.list('a'), ['x']);
  assert.deepEqual(tree.list('b'), []);
  assert.equal(tree.get('a/x')?.type, 'dir');
  const b = { path: 'b', type: 'file', mode: 0o600, uid: 0, gid: 0, size: 3, mtime: 5 };
  assert.deepEqual(tree.get('b'), b);
  assert.equal(tree.get('c'), undefined);
  assert.deepEqual(await tree.digests(['b', 'a/x/y']), [digestOf('bee'), digestOf('why')]);
  assert.deepEqual(tree.content('b'), { kind: 'bytes', bytes: Buffer.from('bee') });
});
