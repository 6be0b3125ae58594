import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LayerEntry } from '@onebuild/oci';
import { leadHardlinks } from './lead-hardlinks.ts';

const plain = { mode: 0o644, uid: 1, gid: 2, size: 0, mtime: 3 } as const;
const file = (path: string): LayerEntry => ({ ...plain, path, type: 'file', size: 9, mode: 0o755 });
const hard = (path: string, link: string): LayerEntry => ({ ...plain, path, type: 'hardlink', link });

test('links that follow their target stay as they are', () => {
  const index = { entries: [file('a'), hard('b', 'a')] };
  assert.equal(leadHardlinks(index), index);
});

test('the first name becomes the file, with the attributes of the file', () => {
  const { entries } = leadHardlinks({ entries: [hard('a', 'c'), hard('b', 'c'), file('c'), hard('d', 'c')] });
  assert.deepEqual(entries, [
    file('a'),
    { ...hard('b', 'a'), mode: 0o755 },
    { ...hard('c', 'a'), mode: 0o755 },
    { ...hard('d', 'a'), mode: 0o755 },
  ]);
});

test('a link to what the layer does not have stays', () => {
  const { entries } = leadHardlinks({ entries: [hard('a', 'nowhere'), file('b')] });
  assert.deepEqual(entries, [hard('a', 'nowhere'), file('b')]);
});
