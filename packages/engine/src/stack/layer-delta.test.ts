import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { digestOf, type LayerEntry, type LayerIndex, sortByPath } from '@onebuild/oci';
import { requirePart, temporaryFolder } from '@onebuild/testkit';
import fc from 'fast-check';
import { materialize } from '../snapshot/materialize.ts';
import { layerDelta } from './layer-delta.ts';

const isRoot = process.getuid?.() === 0;
const attributes = fc.record({
  mode: fc.constantFrom(0o644, 0o755, 0o4711),
  uid: fc.nat(1),
  gid: fc.nat(1),
  mtime: fc.constantFrom(1000, 2000),
});
const folders = ['a', 'a/x', 'b'];
const names = ['', 'a', 'a/x', 'b'].flatMap((folder) =>
  ['1', '2', '3'].map((name) => (folder === '' ? name : `${folder}/${name}`)),
);

/** A listing as COPY makes them: folders above everything, hard links to the first name. */
const listing = fc
  .record({
    folders: fc.array(attributes, { minLength: folders.length, maxLength: folders.length }),
    kinds: fc.array(fc.constantFrom('none', 'file', 'file', 'link', 'hardlink', 'folder', 'fifo'), {
      minLength: names.length,
      maxLength: names.length,
    }),
    each: fc.array(attributes, { minLength: names.length, maxLength: names.length }),
    texts: fc.array(fc.constantFrom('', 'text', 'more'), {
      minLength: names.length,
      maxLength: names.length,
    }),
  })
  .map((made): LayerIndex => {
    const entries = folders.map(
      (path, at): LayerEntry => ({ ...made.folders[at]!, path, type: 'dir', size: 0 }),
    );
    let first: LayerEntry | undefined;
    for (const [at, path] of names.entries()) {
      const plain = { ...made.each[at]!, path, size: 0 };
      const text = made.texts[at] ?? '';
      const file: LayerEntry = { ...plain, type: 'file', size: text.length, digest: digestOf(text) };
      const kind = made.kinds[at];
      if (kind === 'file') entries.push(file);
      if (kind === 'link') entries.push({ ...plain, mode: 0o777, type: 'symlink', link: `to-${text}` });
      if (kind === 'fifo') entries.push({ ...plain, type: 'fifo' });
      if (kind === 'folder') entries.push({ ...plain, type: 'dir' }, { ...file, path: `${path}/in` });
      if (kind !== 'hardlink') continue;
      if (first === undefined) {
        first = file;
        entries.push(file);
      } else {
        const { mode, uid, gid, mtime } = first;
        entries.push({ mode, uid, gid, mtime, path, size: 0, type: 'hardlink', link: first.path });
      }
    }
    return { entries: sortByPath(entries) };
  });

const texts = new Map(['', 'text', 'more'].map((text) => [digestOf(text), Buffer.from(text)]));

async function make(folder: string, index: LayerIndex): Promise<string> {
  mkdirSync(folder);
  const contentOf = ({ digest }: LayerEntry) =>
    ({ kind: 'bytes', bytes: texts.get(digest ?? digestOf('')) ?? assert.fail() }) as const;
  await materialize(index, contentOf, { dir: folder, rootless: false });
  return folder;
}

/** All that programs see of the folders laid over each other, bottom first, in that order; of folders not size and links. */
function seen(scratch: string, ...lowers: readonly string[]): string {
  const script = `mount -t overlay overlay -o "lowerdir=$1" "$2"; cd "$2"
find . -mindepth 1 -type d -printf '%p %y %m %U %G %T@\\n' -o -mindepth 1 -printf '%p %y %m %U %G %s %n %T@ %l\\n'
find . -type f -exec sha256sum {} +
find . -type f -links +1 -printf '%i %p\\n' | sort | awk '{ print $1 != last, $2; last = $1 }'`;
  const at = mkdtempSync(join(scratch, 'at-'));
  const top = join(at, 'empty');
  mkdirSync(top);
  const options = [top, ...lowers.toReversed()].join(':');
  const command = ['-m', '--propagation=private', 'sh', '-euc', script, 'seen', options, at];
  return execFileSync('unshare', command, { encoding: 'utf8' });
}

async function check(t: TestContext, below: LayerIndex): Promise<void> {
  if (!requirePart(t, isRoot, 'mounts and owners need root')) return;
  const scratch = temporaryFolder(t);
  const low = await make(join(scratch, 'below'), below);
  const there = new Set(below.entries.map(({ path }) => path));
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(listing, listing, async (base, index) => {
      const delta = layerDelta(base, index);
      if (delta === undefined || delta.hides.some((path) => there.has(path))) return;
      compared++;
      const at = mkdtempSync(join(scratch, 'case-'));
      const whole = await make(join(at, 'whole'), index);
      const parts = [
        await make(join(at, 'under'), delta.under),
        await make(join(at, 'base'), base),
        await make(join(at, 'over'), delta.over),
      ];
      assert.equal(seen(scratch, low, ...parts), seen(scratch, low, whole));
    }),
    { numRuns: 60 },
  );
  assert.ok(compared > 0);
}

const owner = { mode: 0o700, uid: 0, gid: 0, mtime: 5, size: 0 } as const;

test('a layer over its delta shows what the new layer shows', async (t) => {
  await check(t, { entries: [] });
});

test('... also over a layer that has some of the paths, where it says so', async (t) => {
  const file = { ...owner, type: 'file', digest: digestOf('') } as const;
  await check(t, {
    entries: [
      { ...owner, path: 'a', type: 'dir' },
      { ...file, path: 'a/0' },
      { ...owner, path: 'b', type: 'dir' },
      { ...owner, path: 'b/3', type: 'dir' },
      { ...file, path: 'b/3/in' },
      { ...file, path: 'b/3/other' },
    ],
  });
});

test('nothing but what is in the folders of a change, and above them, is in a delta', () => {
  const file = (path: string, text: string): LayerEntry => ({
    ...owner,
    path,
    type: 'file',
    size: text.length,
    digest: digestOf(text),
  });
  const dir = (path: string): LayerEntry => ({ ...owner, path, type: 'dir' });
  const base = [dir('a'), file('a/1', 'x'), file('a/2', 'x'), dir('b'), file('b/1', 'x'), file('c', 'x')];
  const next = [dir('a'), file('a/1', 'x'), file('a/2', 'x'), file('c', 'x'), file('d', 'yy')];
  const delta = layerDelta({ entries: base }, { entries: next });
  const brief = (index?: LayerIndex) => index?.entries.map(({ path, type }) => `${type} ${path}`);
  assert.deepEqual(brief(delta?.over), ['dir a', 'whiteout b', 'file c', 'file d']);
  assert.deepEqual(brief(delta?.under), ['dir a', 'file c', 'file d']);
  assert.deepEqual(delta?.hides, ['b']);
});
