import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import type { FileTree } from './file-tree.ts';
import { createLayerView } from './layer-view.ts';
import { createMergedTree } from './merged-tree.ts';

const plain = { mode: 0o644, uid: 0, gid: 0, size: 0, mtime: 0 };
const file = (path: string, text = path): LayerEntry => ({
  ...plain,
  path,
  type: 'file',
  size: text.length,
  digest: digestOf(text),
});
const dir = (path: string, mode = 0o755): LayerEntry => ({ ...plain, path, type: 'dir', mode });
const whiteout = (path: string): LayerEntry => ({ ...plain, path, type: 'whiteout', mode: 0 });
const opaque = (path: string): LayerEntry => ({ ...plain, path, type: 'opaque', mode: 0 });
const hardlink = (path: string, link: string): LayerEntry => ({ ...plain, path, type: 'hardlink', link });

function merged(...layers: readonly (readonly LayerEntry[])[]): FileTree {
  return createMergedTree(
    layers.map((entries, at) => ({
      id: `layer-${at}`,
      view: createLayerView({ entries }),
      contentOf: (entry) => ({ kind: 'layer', layer: `/layer-${at}`, path: entry.path }),
      prepare: async () => {},
    })),
  );
}

describe('merged tree', () => {
  it('lets the upper layer win and keeps what only the lower one has', async () => {
    const tree = merged([dir('a'), file('a/x', 'old'), file('a/y')], [file('a/x', 'new')]);
    assert.deepEqual(tree.list('a'), ['x', 'y']);
    assert.deepEqual(await tree.digests(['a/x']), [digestOf('new')]);
    assert.deepEqual(tree.content('a/x'), { kind: 'layer', layer: '/layer-1', path: 'a/x' });
    assert.deepEqual(tree.content('a/y'), { kind: 'layer', layer: '/layer-0', path: 'a/y' });
  });

  it('hides what a whiteout removes, with everything below it', () => {
    const tree = merged([dir('a'), file('a/x'), file('b')], [whiteout('a'), whiteout('b')]);
    assert.equal(tree.get('a'), undefined);
    assert.equal(tree.get('a/x'), undefined);
    assert.deepEqual(tree.list(''), []);
  });

  it('shows what a third layer puts where a second one removed', () => {
    const tree = merged([dir('a'), file('a/x')], [whiteout('a')], [dir('a'), file('a/z')]);
    assert.deepEqual(tree.list('a'), ['z']);
  });

  it('hides the content below an opaque folder, not the folder', () => {
    const tree = merged([dir('a', 0o700), file('a/x')], [dir('a', 0o711), opaque('a'), file('a/y')]);
    assert.deepEqual(tree.list('a'), ['y']);
    assert.equal(tree.get('a')?.mode, 0o711);
    assert.equal(tree.get('a/x'), undefined);
  });

  it('replaces a folder by a file and a file by a folder', () => {
    const tree = merged([dir('a'), file('a/x'), file('f')], [file('a'), dir('f'), file('f/y')]);
    assert.equal(tree.get('a')?.type, 'file');
    assert.equal(tree.get('a/x'), undefined);
    assert.deepEqual(tree.list('f'), ['y']);
    assert.equal(merged([dir('a'), file('a/x')], [file('a')], [dir('a')]).get('a/x'), undefined);
  });

  it('makes up folders that only longer paths imply, but takes a lower layer’s word for them first', () => {
    const tree = merged([dir('a', 0o700)], [file('a/b/c')]);
    assert.equal(tree.get('a')?.mode, 0o700);
    assert.deepEqual(tree.get('a/b'), { ...plain, path: 'a/b', type: 'dir', mode: 0o755 });
    assert.deepEqual(tree.list(''), ['a']);
  });

  it('tells names of one file by their inode, also where the upper layer took one away', async () => {
    const tree = merged([file('x', 'same'), hardlink('y', 'x'), file('z', 'same')], [whiteout('x')]);
    assert.equal(tree.get('y')?.type, 'file');
    assert.ok(tree.get('y')?.inode);
    assert.equal(tree.get('z')?.inode, undefined);
    assert.deepEqual(await tree.digests(['y']), [digestOf('same')]);
    assert.deepEqual(tree.content('y'), { kind: 'layer', layer: '/layer-0', path: 'x' });
  });

  it('lists nothing in files and in folders that are not there', () => {
    const tree = merged([file('x')]);
    assert.deepEqual(tree.list('x'), []);
    assert.deepEqual(tree.list('nowhere/at/all'), []);
    assert.equal(tree.get('')?.type, 'dir');
  });
});
