import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf, encodePath } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { openContent } from '../layer/open-content.ts';
import { walkTree } from '../output/tree-layer.ts';
import { decodeFolderHashes } from './folder-hashes.ts';
import { type ContextIgnore, createFolderTree } from './folder-tree.ts';

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder(t);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

/** Ignores a folder and what is in it, with exceptions, as `.dockerignore` would. */
function ignoring(ignored: readonly string[], exceptions: readonly string[] = []): ContextIgnore {
  const under = (path: string, above: string) => path === above || path.startsWith(`${above}/`);
  return {
    ignores: (path) =>
      ignored.some((above) => under(path, above)) && !exceptions.some((above) => under(path, above)),
    mayContainException: (path) => exceptions.some((inner) => inner.startsWith(`${path}/`)),
  };
}

const names = (root: string, ignore?: ContextIgnore) =>
  [...walkTree(createFolderTree(root, { ignore }))].map(({ path }) => path);

test('entries are as COPY sees them', async (t) => {
  const root = folder(t, { 'd/file': 'text', 'd/other': 'text' });
  chmodSync(join(root, 'd/file'), 0o4751);
  utimesSync(join(root, 'd/file'), 1500.9, 1500.9);
  linkSync(join(root, 'd/file'), join(root, 'd/same'));
  symlinkSync('../../outside', join(root, 'link'));
  execFileSync('mkfifo', [join(root, 'pipe')]);
  const tree = createFolderTree(root, {});
  const file = tree.get('d/file');
  const { inode, ...plain } = file ?? assert.fail();
  assert.deepEqual(plain, {
    path: 'd/file',
    type: 'file',
    mode: 0o4751,
    uid: 0,
    gid: 0,
    size: 4,
    mtime: 1500,
  });
  assert.equal(typeof inode, 'string');
  assert.equal(tree.get('d/same')?.inode, inode);
  assert.equal(tree.get('d/other')?.inode, undefined);
  assert.deepEqual([tree.get('link')?.type, tree.get('link')?.link], ['symlink', '../../outside']);
  assert.equal(tree.get('pipe')?.type, 'fifo');
  assert.equal(tree.get('')?.type, 'dir');
  assert.deepEqual(tree.list(''), ['d', 'link', 'pipe']);
  assert.deepEqual(tree.list('d/file'), []);
  assert.equal(tree.get('d/file/x'), undefined);
  assert.equal(tree.get('nothing'), undefined);
  assert.deepEqual(await tree.digests(['d/file', 'd/other']), [digestOf('text'), digestOf('text')]);
  assert.deepEqual(tree.content('d/file'), { kind: 'host', path: join(root, 'd/file') });
});

test('symlinks are never followed, but the one that the user named', (t) => {
  const root = folder(t, { 'real/secret': 'x' });
  symlinkSync('real', join(root, 'link'));
  const tree = createFolderTree(root, {});
  assert.equal(tree.get('link/secret'), undefined);
  assert.deepEqual(tree.list('link'), []);
  assert.deepEqual(createFolderTree(join(root, 'link'), {}).list(''), ['secret']);
});

test('a link that takes the place of a folder is not followed, whenever it comes', async (t) => {
  const root = folder(t, { 'a/f': 'inside', 'a/b/f': 'inside' });
  const outside = folder(t, { f: 'outside', 'b/f': 'outside' });
  const changed = (error: unknown) => isFault(error, 'CONTEXT_CHANGED');
  const swapped = (prepare: (tree: ReturnType<typeof createFolderTree>) => void) => {
    const tree = createFolderTree(root, {});
    prepare(tree);
    renameSync(join(root, 'a'), join(root, 'moved'));
    symlinkSync(outside, join(root, 'a'));
    return { tree, back: () => (rmSync(join(root, 'a')), renameSync(join(root, 'moved'), join(root, 'a'))) };
  };
  const known = swapped((tree) => void [tree.get('a/f'), tree.get('a/b')]);
  await assert.rejects(known.tree.digests(['a/f']), changed);
  assert.throws(() => known.tree.get('a/b/f'), changed);
  assert.throws(() => known.tree.list('a/b'), changed);
  const content = known.tree.content('a/f');
  assert.throws(() => openContent(content, 'a/f'), changed);
  known.back();
  const listed = swapped((tree) => void tree.list(''));
  assert.throws(() => listed.tree.list('a'), changed);
  listed.back();
  const fresh = swapped(() => undefined);
  assert.equal(fresh.tree.get('a')?.type, 'symlink');
  assert.equal(fresh.tree.get('a/f'), undefined);
  fresh.back();
});

test('sockets are left out', async (t) => {
  const root = folder(t, { file: 'x' });
  const server = createServer();
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(join(root, 'socket'), resolve));
  const tree = createFolderTree(root, {});
  assert.deepEqual(tree.list(''), ['file']);
  assert.equal(tree.get('socket'), undefined);
});

test('names are sorted bytewise and kept, also when they are not UTF-8', async (t) => {
  const root = folder(t, { '\uffff': '1', '\u{10000}': '2', 'a b': '3', 'a\nb': '4' });
  writeFileSync(Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x62, 0xff])]), 'odd');
  const tree = createFolderTree(root, {});
  assert.deepEqual(tree.list(''), ['a\nb', 'a b', 'b\udcff', '\uffff', '\u{10000}']);
  assert.deepEqual(Buffer.from(encodePath('b\udcff')), Buffer.from([0x62, 0xff]));
  assert.equal(tree.get('b\udcff')?.size, 3);
  assert.deepEqual(await tree.digests(['b\udcff']), [digestOf('odd')]);
});

test('what is ignored is not there, but folders with an exception in them are', (t) => {
  const root = folder(t, { 'a/b/keep': '', 'a/b/drop': '', 'a/c/drop': '', 'd/e': '', f: '' });
  assert.deepEqual(names(root, ignoring(['a', 'd'], ['a/b/keep'])), ['a', 'a/b', 'a/b/keep', 'f']);
  assert.deepEqual(names(root, ignoring(['a', 'd'], ['a/b/missing'])), ['f']);
  const tree = createFolderTree(root, { ignore: ignoring(['a'], ['a/b/keep']) });
  assert.equal(tree.get('a/b/drop'), undefined);
  assert.equal(tree.get('a/c'), undefined);
  assert.equal(tree.get('a/b/keep')?.type, 'file');
  assert.equal(tree.get('a')?.type, 'dir');
});

test('a folder that is ignored need not be readable', (t) => {
  const root = folder(t, { 'secret/x': '', file: '' });
  chmodSync(join(root, 'secret'), 0);
  const isRoot = process.getuid?.() === 0;
  try {
    // Root reads everything; nobody doesn't.
    if (isRoot) {
      chmodSync(root, 0o755);
      process.seteuid?.(65534);
    }
    assert.deepEqual(names(root, ignoring(['secret'])), ['file']);
    assert.throws(
      () => names(root),
      (e) => isFault(e, 'CONTEXT_READ'),
    );
  } finally {
    if (isRoot) process.seteuid?.(0);
    chmodSync(join(root, 'secret'), 0o700);
  }
});

test('what was told stays; a file that changed before it was read is refused', async (t) => {
  const root = folder(t, { a: 'one', b: 'one' });
  const tree = createFolderTree(root, {});
  assert.deepEqual(tree.list(''), ['a', 'b']);
  assert.equal(tree.get('a')?.size, 3);
  writeFileSync(join(root, 'c'), 'new');
  writeFileSync(join(root, 'a'), 'longer');
  assert.deepEqual(tree.list(''), ['a', 'b']);
  assert.equal(tree.get('a')?.size, 3);
  await assert.rejects(tree.digests(['a']), (e) => isFault(e, 'CONTEXT_CHANGED'));
  assert.equal(tree.get('b')?.size, 3);
  rmSync(join(root, 'b'));
  await assert.rejects(tree.digests(['b']), (e) => isFault(e, 'CONTEXT_CHANGED'));
});

test('hashes are kept by stat, once a file has been left alone', async (t) => {
  const root = folder(t, { file: 'one' });
  const path = join(root, 'file');
  const kept = new Map<string, string>();
  const hashes = {
    get: (at: string) => kept.get(at),
    set: (at: string, text: string) => void kept.set(at, text),
  };
  const hash = async (clock: () => number) =>
    (await createFolderTree(root, { hashes, clock }).digests(['file']))[0];
  await hash(() => Date.now());
  assert.equal(kept.size, 0, 'too young');
  const later = () => Date.now() + 10_000;
  assert.equal(await hash(later), digestOf('one'));
  assert.deepEqual([...kept.keys()], [root]);
  kept.set(root, kept.get(root)?.replace(digestOf('one'), digestOf('from the cache')) ?? '');
  assert.equal(await hash(later), digestOf('from the cache'));
  const before = new Date(1000);
  utimesSync(path, before, before);
  writeFileSync(path, 'two');
  utimesSync(path, before, before);
  assert.equal(await hash(later), digestOf('two'), 'same size and mtime, another ctime');
  writeFileSync(join(root, '__proto__'), 'odd');
  rmSync(path);
  await createFolderTree(root, { hashes, clock: later }).digests(['__proto__']);
  assert.deepEqual(
    [...decodeFolderHashes(kept.get(root)).keys()],
    ['__proto__'],
    'what is gone is forgotten',
  );
});

test('much work is done in threads, in order, with its errors', async (t) => {
  const root = temporaryFolder(t);
  const paths = Array.from({ length: 40 }, (_, at) => `f${at}`);
  for (const path of paths) writeFileSync(join(root, path), path);
  // Holes are read without a disk.
  const big = 70 << 20;
  for (const path of ['f3', 'f17', 'f30']) truncateSync(join(root, path), big);
  const digests = await createFolderTree(root, {}).digests(paths);
  const expected = (path: string) => Buffer.concat([Buffer.from(path), Buffer.alloc(big - path.length)]);
  for (const [at, path] of paths.entries()) {
    const isBig = path === 'f3' || path === 'f17' || path === 'f30';
    assert.equal(digests[at], digestOf(isBig ? expected(path) : path), path);
  }
  const again = createFolderTree(root, {});
  assert.equal(again.get('f7')?.size, 2);
  rmSync(join(root, 'f7'));
  await assert.rejects(again.digests(paths), (e) => isFault(e, 'CONTEXT_CHANGED') && /f7/.test(e.message));
});

test('big files have the digest that sha256sum says', async (t) => {
  const root = temporaryFolder(t);
  for (const size of [(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20]) {
    writeFileSync(join(root, `f${size}`), Buffer.alloc(size, 'xyz'));
    const [digest] = await createFolderTree(root, {}).digests([`f${size}`]);
    const sum = execFileSync('sha256sum', [join(root, `f${size}`)])
      .toString()
      .slice(0, 64);
    assert.equal(digest, `sha256:${sum}`);
  }
});
