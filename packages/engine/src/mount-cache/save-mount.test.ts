import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { encodePath } from '@onebuild/oci';
import { seededBytes, seededNumbers } from '@onebuild/testkit';
import fc from 'fast-check';
import { nativePath } from '../posix/native-path.ts';
import { decodeMountListing } from './decode-listing.ts';
import type { SaveMountOptions } from './save-mount.ts';
import { describeFolder, newFolders, Saver, today } from './saved-folder.fixture.ts';

/** How long a file must be left alone before its times say that it did not change. */
const settle = () => sleep(60);

interface Part {
  readonly name: string;
  readonly kind: 'file' | 'dir' | 'symlink' | 'hardlink' | 'fifo';
  readonly mode: number;
  readonly owner: number;
  readonly time: number;
  readonly content: string;
  /** Which of the folders and files before it is meant. */
  readonly pick: number;
}

const part: fc.Arbitrary<Part> = fc.record({
  name: fc.oneof(
    fc.constantFrom('a', 'ä', 'b c', '-x', '\udcff\udc80', '日本語', 'n\nl', '\u{1f600}', '\udce9.txt'),
    fc
      .string({ minLength: 1, maxLength: 12 })
      .filter((name) => !/[/\0]|^\.{1,2}$|[\ud800-\udfff]/.test(name)),
  ),
  kind: fc.constantFrom('file', 'file', 'file', 'dir', 'dir', 'symlink', 'hardlink', 'fifo'),
  mode: fc.constantFrom(0o644, 0o755, 0o600, 0o000, 0o4755, 0o2775, 0o1777),
  owner: fc.constantFrom(0, 0, 1000, 65_534),
  time: fc.double({ min: 1, max: 4e9, noNaN: true }),
  content: fc.string({ maxLength: 40 }),
  pick: fc.nat(),
});

/** Makes the parts below a folder, as far as they go together. */
function makeTree(folder: string, parts: readonly Part[]): void {
  const folders = [folder];
  const files: string[] = [];
  for (const { name, kind, mode, owner, time, content, pick } of parts) {
    const at = `${folders[pick % folders.length]}/${name}`;
    const native = nativePath(at);
    if (fs.lstatSync(native, { throwIfNoEntry: false }) !== undefined) continue;
    if (kind === 'hardlink') {
      const target = files[pick % files.length];
      if (target !== undefined) fs.linkSync(nativePath(target), native);
      continue;
    }
    if (kind === 'fifo') continue;
    if (kind === 'dir') fs.mkdirSync(native);
    else if (kind === 'file') fs.writeFileSync(native, content);
    else fs.symlinkSync(Buffer.from(encodePath(`../${name}${content.replaceAll('\0', '')}`)), native);
    fs.lchownSync(native, owner, owner);
    if (kind !== 'symlink') fs.chmodSync(native, mode);
    fs.lutimesSync(native, time, time);
    if (kind === 'dir') folders.push(at);
    if (kind === 'file') files.push(at);
  }
}

test('whatever a folder holds comes back as it was', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 25 }),
      fc.array(part, { maxLength: 6 }),
      async (parts, more) => {
        const { source, target } = newFolders();
        const saver = new Saver();
        makeTree(source, parts);
        await saver.saveNew(source);
        await saver.restore(target);
        assert.deepEqual(describeFolder(target), describeFolder(source));
        makeTree(target, more);
        const saved = await saver.save(target);
        if (saved !== 'unchanged') {
          await saver.restore(`${target}2`);
          assert.deepEqual(describeFolder(`${target}2`), describeFolder(target));
        }
        fs.rmSync(join(source, '..'), { recursive: true });
      },
    ),
    { numRuns: 40 },
  );
});

test('sockets and pipes are left out, and nothing is read through a link', async (t) => {
  const { source, target } = newFolders(t);
  const outside = join(source, '..', 'outside');
  fs.mkdirSync(outside);
  fs.writeFileSync(join(outside, 'private'), 'not yours');
  fs.symlinkSync(outside, join(source, 'link'));
  fs.symlinkSync('/', join(source, 'root'));
  const saver = new Saver();
  await saver.saveNew(source);
  await saver.restore(target);
  assert.deepEqual(describeFolder(target), describeFolder(source));
  assert.deepEqual(Object.keys(describeFolder(target)), ['', 'link', 'root']);
});

test('a folder of small files: one per cent new sends one per cent and the listing', async (t) => {
  const { source, target } = newFolders(t);
  const random = seededNumbers('sizes');
  for (let dir = 0; dir < 10; dir++) {
    fs.mkdirSync(join(source, `dir${dir}`));
    for (let file = 0; file < 50; file++)
      fs.writeFileSync(
        join(source, `dir${dir}`, `file${file}`),
        seededBytes(`${dir}/${file}`, 100 + Math.floor(random() * 40_000)),
      );
  }
  const saver = new Saver();
  const first = await saver.saveNew(source);
  assert.ok(first.sentBytes >= first.bytes);
  for (let file = 0; file < 5; file++)
    fs.writeFileSync(join(source, `dir${file}`, `file${file}`), seededBytes(`new ${file}`, 20_000));
  const second = await saver.saveNew(source);
  assert.ok(second.sentBytes <= first.bytes * 0.05, `${second.sentBytes} of ${first.bytes}`);
  assert.ok(second.sentBytes >= 100_000);
  await saver.restore(target);
  assert.deepEqual(describeFolder(target), describeFolder(source));
});

test('a large file: a changed region, and bytes put in, send what is around them', async (t) => {
  const { source, target } = newFolders(t);
  const size = 30 << 20;
  const bytes = seededBytes('large', size);
  const at = join(source, 'large.bin');
  fs.writeFileSync(at, bytes);
  const saver = new Saver();
  const first = await saver.saveNew(source);
  assert.ok(first.packs.length >= 4);
  seededBytes('region', size / 100).copy(bytes, 12_345_678);
  fs.writeFileSync(at, bytes);
  const second = await saver.saveNew(source);
  assert.ok(second.sentBytes >= size / 100 && second.sentBytes <= size * 0.05, String(second.sentBytes));
  fs.writeFileSync(
    at,
    Buffer.concat([bytes.subarray(0, 5_000_000), Buffer.from('put in'), bytes.subarray(5_000_000)]),
  );
  const third = await saver.saveNew(source);
  assert.ok(third.sentBytes <= size * 0.05, String(third.sentBytes));
  await saver.restore(target);
  assert.deepEqual(describeFolder(target), describeFolder(source));
});

test('equal contents are kept once, and what compresses is compressed', async (t) => {
  const { source } = newFolders(t);
  const bytes = seededBytes('same', 200_000);
  for (const name of ['a', 'b', 'c']) fs.writeFileSync(join(source, name), bytes);
  fs.writeFileSync(join(source, 'text'), 'the same line\n'.repeat(50_000));
  const { sentBytes } = await new Saver().saveNew(source);
  assert.ok(sentBytes < 210_000, String(sentBytes));
});

test('nothing is sent where nothing changed, and nothing is read after a restore', async (t) => {
  const { source, target } = newFolders(t);
  fs.mkdirSync(join(source, 'dir'));
  fs.writeFileSync(join(source, 'dir', 'file'), 'content');
  const saver = new Saver();
  const { listing } = await saver.saveNew(source);
  assert.equal(await saver.save(source), 'unchanged');
  const { state, facts, files } = await saver.restore(target, {});
  assert.deepEqual([facts, files], [[], 1]);
  // a program made a file and removed it again
  fs.writeFileSync(join(target, 'dir', 'temp'), '');
  fs.rmSync(join(target, 'dir', 'temp'));
  const before = { listing: listing.bytes, state };
  assert.equal(await saver.save(target, { before }), 'unchanged');
  // the times say that it is the same file, so it is not looked at
  const time = fs.lstatSync(join(target, 'dir', 'file')).atimeMs;
  assert.equal(await saver.save(target, { before, secrets: [Buffer.from('content')] }), 'unchanged');
  assert.equal(fs.lstatSync(join(target, 'dir', 'file')).atimeMs, time);
  let given = '';
  const onUnchanged: SaveMountOptions['onUnchanged'] = (found) => (given = found.state);
  assert.equal(await saver.save(target, { before, onUnchanged }), 'unchanged');
  assert.equal(given, state);
  await settle();
  assert.equal(await saver.save(target, { before: { listing: listing.bytes }, onUnchanged }), 'unchanged');
  assert.equal(given, state);
});

test('a change of content that keeps size and time is seen', async (t) => {
  const { source, target } = newFolders(t);
  fs.writeFileSync(join(source, 'file'), 'one');
  fs.utimesSync(join(source, 'file'), 1000, 1000);
  const saver = new Saver();
  const { listing } = await saver.saveNew(source);
  const { state } = await saver.restore(target);
  fs.writeFileSync(join(target, 'file'), 'two');
  fs.utimesSync(join(target, 'file'), 1000, 1000);
  await saver.saveNew(target, { before: { listing: listing.bytes, state } });
  // right after a save, too
  fs.writeFileSync(join(target, 'file'), 'six');
  fs.utimesSync(join(target, 'file'), 1000, 1000);
  await saver.saveNew(target);
  await saver.restore(`${target}2`);
  assert.equal(fs.readFileSync(join(`${target}2`, 'file'), 'utf8'), 'six');
});

test('paths that are too long for the system are left out', async (t) => {
  const { source, target } = newFolders(t);
  fs.writeFileSync(join(source, 'file'), '');
  const name = 'n'.repeat(200);
  // relative to a folder on the way, names are short enough
  let at = source;
  for (let depth = 0; depth < 25; depth++) {
    fs.mkdirSync(join(at, name));
    const next = fs.openSync(join(at, name), 'r');
    t.after(() => fs.closeSync(next));
    at = `/proc/self/fd/${next}`;
  }
  const saver = new Saver();
  await saver.saveNew(source);
  await saver.restore(target);
  assert.deepEqual(fs.readdirSync(target), ['file', name]);
});

test('facts travel with the folder', async (t) => {
  const { source, target } = newFolders(t);
  const facts = [['seen', 'mount/place', 'value \ud800 "x"']] as const;
  const saver = new Saver();
  await saver.saveNew(source, { facts: () => facts });
  assert.deepEqual((await saver.restore(target)).facts, facts);
});

test('with a budget, what was not used for the longest time is left out, and stays out', async (t) => {
  const { source, target } = newFolders(t);
  const names = ['a', 'b', 'c', 'd'];
  for (const name of names) fs.writeFileSync(join(source, name), seededBytes(name, 10_000));
  await settle();
  const saver = new Saver();
  await saver.saveNew(source, { day: today - 40 });
  // read by somebody: relatime notes it, as would any program
  await saver.restore(target).then(({ state }) => {
    if (saver.last) saver.last = { ...saver.last, state };
  });
  for (const name of ['b', 'd']) {
    const now = fs.lstatSync(join(target, name));
    fs.utimesSync(join(target, name), today * 86_400, now.mtimeMs / 1000);
  }
  fs.writeFileSync(join(target, 'e'), seededBytes('e', 10_000));
  const { evicted, bytes, leftOut } = await saver.saveNew(target, { maxSize: 30_000 });
  assert.deepEqual([evicted, bytes, leftOut], [{ files: 2, bytes: 20_000 }, 30_000, []]);
  const kept = () =>
    decodeMountListing(saver.last?.listing.bytes ?? Buffer.alloc(0)).entries.map(({ path }) => path);
  assert.deepEqual(kept(), ['', 'b', 'd', 'e']);
  await settle();
  // what is left out on the disk is no newer for that
  fs.writeFileSync(join(target, 'f'), seededBytes('f', 4000));
  await saver.saveNew(target, { maxSize: 34_000 });
  assert.deepEqual(kept(), ['', 'b', 'd', 'e', 'f']);
});

test('a file that somebody read counts as used', async (t) => {
  const { source, target } = newFolders(t);
  for (const name of ['a', 'b']) fs.writeFileSync(join(source, name), seededBytes(name, 10_000));
  const saver = new Saver();
  const { listing } = await saver.saveNew(source, { day: 10 });
  const { state } = await saver.restore(target);
  fs.readFileSync(join(target, 'b'));
  if (fs.lstatSync(join(target, 'b')).atimeMs === fs.lstatSync(join(target, 'b')).mtimeMs) {
    t.skip('this file system notes no access');
    return;
  }
  const day = Math.floor(fs.lstatSync(join(target, 'b')).atimeMs / 86_400_000);
  const saved = await saver.saveNew(target, {
    before: { listing: listing.bytes, state },
    day,
    maxSize: 10_000,
  });
  assert.deepEqual(saved.evicted, { files: 1, bytes: 10_000 });
  const { entries } = decodeMountListing(saved.listing.bytes);
  assert.deepEqual(
    entries.map(({ path, used }) => [path, used]),
    [
      ['', undefined],
      ['b', day],
    ],
  );
});

test('files that hold a secret are left out, wherever in them it is, with all their names', async (t) => {
  const { source, target } = newFolders(t);
  const secret = Buffer.from('hunter2-and-more');
  const filler = seededBytes('filler', 9 << 20);
  const put = (name: string, at: number) => {
    const bytes = Buffer.from(filler);
    secret.copy(bytes, at);
    fs.writeFileSync(join(source, name), bytes);
  };
  // around where the file is read in parts, and chunks are cut
  for (const [number, at] of [0, (4 << 20) - 5, (4 << 20) - 16, (8 << 20) - 1, filler.length - 16].entries())
    put(`large${number}`, at);
  fs.linkSync(join(source, 'large0'), join(source, 'other-name'));
  fs.writeFileSync(join(source, 'small'), `token=${secret.toString()}\n`);
  fs.writeFileSync(join(source, secret.toString()), 'in the name');
  fs.symlinkSync(`/run/${secret.toString()}`, join(source, 'target'));
  fs.writeFileSync(join(source, 'fine'), secret.subarray(0, -1));
  const saver = new Saver();
  const { leftOut } = await saver.saveNew(source, { secrets: [Buffer.concat([secret, Buffer.from('\n')])] });
  assert.deepEqual(
    [...leftOut].sort(),
    ['***', 'large0', 'large1', 'large2', 'large3', 'large4', 'other-name', 'small', 'target'].sort(),
  );
  await saver.restore(target);
  assert.deepEqual(fs.readdirSync(target), ['fine']);
  for (const blob of saver.blobs.bytes.values()) assert.ok(!blob.includes(secret));
});

test('a secret that lies across the cut of two chunks is found', async (t) => {
  const { source } = newFolders(t);
  const bytes = seededBytes('cuts', 3 << 20);
  const at = join(source, 'file');
  fs.writeFileSync(at, bytes);
  const saver = new Saver();
  const { listing } = await saver.saveNew(source);
  const { entries, chunks } = decodeMountListing(listing.bytes);
  const cut = chunks.get(entries[1]?.chunks?.[0] ?? '')?.rawLength ?? 0;
  assert.ok(cut > 0 && cut < bytes.length);
  const secret = bytes.subarray(cut - 6, cut + 6);
  assert.deepEqual((await new Saver().saveNew(source, { secrets: [secret] })).leftOut, ['file']);
  assert.deepEqual((await new Saver().saveNew(source, { secrets: [secret.subarray(0, 5)] })).leftOut, []);
});

test('a file that changes while it is read stays as it was, or is left out', async (t) => {
  const { source, target } = newFolders(t);
  const [known, fresh] = [join(source, 'known'), join(source, 'new')];
  const old = seededBytes('old', 20 << 20);
  fs.writeFileSync(known, old);
  const saver = new Saver();
  await saver.saveNew(source);
  fs.writeFileSync(known, seededBytes('newer', 20 << 20));
  fs.writeFileSync(fresh, seededBytes('fresh', 20 << 20));
  // whenever the reader lets others work, somebody writes
  const pairs = [known, fresh].map((path) => fs.openSync(path, 'r+'));
  let writes = 0;
  let isOver = false;
  const writer = (async () => {
    while (!isOver) {
      for (const fd of pairs) fs.writeSync(fd, `write ${writes++}`, 19 << 20);
      await new Promise(setImmediate);
    }
  })();
  fs.writeFileSync(join(source, 'steady'), 'new, too');
  const { leftOut } = await saver.saveNew(source).finally(() => (isOver = true));
  await writer;
  for (const fd of pairs) fs.closeSync(fd);
  assert.ok(writes > 2);
  assert.deepEqual(leftOut, ['new']);
  await saver.restore(target);
  assert.deepEqual(fs.readdirSync(target), ['known', 'steady']);
  assert.ok(fs.readFileSync(join(target, 'known')).equals(old));
});

test('packs stay few, and half of their bytes in use, over a hundred rounds', async (t) => {
  const { source, target } = newFolders(t);
  const random = seededNumbers('rounds');
  const saver = new Saver();
  for (let file = 0; file < 60; file++)
    fs.writeFileSync(join(source, `file${file}`), seededBytes(`file ${file}`, 50_000));
  let most = 0;
  for (let round = 0; round < 100; round++) {
    for (let change = 0; change < 3; change++)
      fs.writeFileSync(
        join(source, `file${Math.floor(random() * 60)}`),
        seededBytes(`${round} ${change}`, 20_000 + Math.floor(random() * 60_000)),
      );
    const { packs, bytes } = await saver.saveNew(source);
    most = Math.max(most, packs.length);
    const held = packs.reduce((sum, { size }) => sum + size, 0);
    assert.ok(held <= 2.2 * bytes, `${held} bytes for ${bytes}`);
  }
  assert.ok(most <= 18, String(most));
  await saver.restore(target);
  assert.deepEqual(describeFolder(target), describeFolder(source));
});

test('what the place has lost is sent again', async (t) => {
  const { source, target } = newFolders(t);
  for (const name of ['a', 'b']) fs.writeFileSync(join(source, name), seededBytes(name, 5000));
  await settle();
  const saver = new Saver();
  await saver.saveNew(source);
  assert.equal(await saver.save(source), 'unchanged');
  saver.blobs.bytes.clear();
  await saver.saveNew(source, { packs: new Map() });
  await saver.restore(target);
  assert.deepEqual(describeFolder(target), describeFolder(source));
});

test('a failing place fails the save, when nothing is on its way any more', async (t) => {
  const { source } = newFolders(t);
  fs.writeFileSync(join(source, 'file'), seededBytes('big', 20 << 20));
  let running = 0;
  const put = async () => {
    running++;
    await sleep(5);
    running--;
    throw new Error('no room');
  };
  await assert.rejects(new Saver().saveNew(source, { put }), /no room/);
  assert.equal(running, 0);
});
