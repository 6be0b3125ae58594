import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import fc from 'fast-check';
import { planBlocks } from './plan-blocks.ts';

const plain = { mode: 0o644, uid: 0, gid: 0, mtime: 0 } as const;
const blockSize = 1 << 16;

function file(path: string, size: number, content = path): LayerEntry {
  return { ...plain, path, type: 'file', size, digest: digestOf(content) };
}

const plan = (entries: readonly LayerEntry[]) => [
  ...planBlocks({ entries }, { mtimeOf: () => 0, blockSize }),
];
const keys = (entries: readonly LayerEntry[]) => plan(entries).map(({ key }) => key);

/** Files of sources, some as big as several blocks. */
const files = Array.from({ length: 2000 }, (_, at) => file(`f${10_000 + at}`, (at * 7919) % 3000));

function assertFew(before: readonly LayerEntry[], after: readonly LayerEntry[], most: number): void {
  const known = new Set(keys(before));
  const made = keys(after).filter((key) => !known.has(key));
  assert.ok(made.length > 0 && made.length <= most, `${made.length} of ${known.size} blocks are new`);
}

test('all bytes stand in blocks, in their order, none too big', () => {
  const size = fc.oneof(fc.nat(2000), fc.constantFrom(blockSize - 512, blockSize, 3 * blockSize + 1));
  fc.assert(
    fc.property(fc.array(size, { maxLength: 40 }), (sizes) => {
      const entries = sizes.map((bytes, at) => file(`f${at}`, bytes));
      const blocks = plan(entries);
      const next = new Map<string, number>();
      let total = 0;
      for (const block of blocks) {
        assert.ok(block.size > 0 && block.size <= blockSize);
        let filled = 0;
        for (const part of block.parts) {
          filled += part instanceof Uint8Array ? part.length : part.to - part.from;
          if (part instanceof Uint8Array) continue;
          assert.equal(part.from, next.get(part.entry.path) ?? 0);
          next.set(part.entry.path, part.to);
        }
        assert.equal(filled, block.size);
        total += filled;
      }
      for (const { path, size: bytes } of entries) assert.equal(next.get(path) ?? 0, bytes);
      const padded = sizes.reduce((sum, bytes) => sum + 512 + Math.ceil(bytes / 512) * 512, 0);
      assert.equal(total, padded + 1024);
    }),
    { numRuns: 50 },
  );
});

test('blocks are between a quarter and all of the size, but where a big file comes', () => {
  const sizes = plan(files).map(({ size }) => size);
  assert.ok(sizes.slice(0, -1).every((size) => size >= blockSize / 4));
  assert.ok(sizes.length > 40);
  const [first] = plan([file('a', 100), file('b', blockSize), file('c', 5)]);
  assert.equal(first?.size, 1024);
});

test('another content, a new file and a missing one change the blocks around them alone', () => {
  const other = files.map((entry, at) => (at === 900 ? file(entry.path, entry.size, 'other') : entry));
  assertFew(files, other, 1);
  const longer = files.map((entry, at) => (at === 900 ? file(entry.path, 9000, 'other') : entry));
  assertFew(files, longer, 6);
  assertFew(files, files.toSpliced(900, 0, file('f10899x', 5000)), 6);
  assertFew(files, files.toSpliced(900, 1), 6);
  const big = file('f10900', 10 * blockSize + 77);
  assertFew(files.with(900, big), files.with(900, big).with(899, file('f10899', 1)), 3);
});

test('what an entry says is in the key of its block', () => {
  const entry = file('a', 10);
  const changes: Partial<LayerEntry>[] = [
    { path: 'b' },
    { mode: 0o600 },
    { uid: 1 },
    { gid: 1 },
    { size: 11 },
    { digest: digestOf('other') },
    { xattrs: { 'security.capability': 'AQ==' } },
  ];
  const all = [entry, ...changes.map((change) => ({ ...entry, ...change }))].flatMap((one) => keys([one]));
  assert.equal(new Set(all).size, changes.length + 1);
  const at = (mtime: number) => [...planBlocks({ entries: [entry] }, { mtimeOf: () => mtime, blockSize })][0];
  assert.notEqual(at(1)?.key, at(2)?.key);
});
