import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import fc from 'fast-check';
import { anyContents } from './any-contents.fixture.ts';
import { blobsOf, type CacheContents, type CacheRecord, recordKey } from './cache-record.ts';
import { mergeContents } from './merge-contents.ts';
import { pruneContents } from './prune-contents.ts';
import { contentsOf, sampleBlob, sampleContents, today } from './sample-contents.fixture.ts';

const limits = fc.record({
  today: fc.integer({ min: 3, max: 7 }),
  maxAgeDays: fc.constantFrom(0, 1, 3, 1000),
  maxSize: fc.constantFrom(0, 20, 60, 1000),
});

function bytesOf(contents: CacheContents): number {
  return [...contents.blobs.values()].reduce((total, { size }) => total + size, 0);
}

test('the limits are kept, nothing is left over, and twice is once', () => {
  fc.assert(
    fc.property(anyContents, limits, (any, options) => {
      const contents = mergeContents([any]);
      const pruned = pruneContents(contents, options);
      assert.ok(bytesOf(pruned) <= options.maxSize);
      for (const record of pruned.records) assert.ok(contents.records.includes(record));
      const needed = new Set(pruned.records.flatMap(blobsOf));
      assert.deepEqual(new Set(pruned.blobs.keys()), needed);
      const layers = new Set(pruned.records.flatMap((record) => ('layer' in record ? [record.layer] : [])));
      for (const record of pruned.records) {
        if (record.kind === 'blob') assert.ok(layers.has(record.key));
        if (record.kind === 'mount' || 'layer' in record)
          assert.ok(options.today - record.used <= options.maxAgeDays);
      }
      assert.deepEqual(pruneContents(pruned, options), pruned);
    }),
  );
});

test('without limits all stays that can be reached', () => {
  const { contents } = sampleContents('a');
  assert.deepEqual(pruneContents(contents, { today }), contents);
});

test('what was used last stays, with all that is known of its layer', () => {
  const merged = mergeContents([
    sampleContents('old', today - 3).contents,
    sampleContents('new', today).contents,
    sampleContents('older', today - 9).contents,
  ]);
  const kept = (options: object) => keysOf(pruneContents(merged, { today, ...options }).records);
  assert.deepEqual(kept({ maxAgeDays: 1 }), keysOf(sampleContents('new').contents.records));
  const ofNew = bytesOf(sampleContents('new').contents);
  assert.deepEqual(
    kept({ maxSize: ofNew }).filter((key) => !key.startsWith('copy')),
    keysOf(sampleContents('new').contents.records).filter((key) => !key.startsWith('copy')),
  );
});

test("a base's listing lives by its own use", () => {
  const base = (used: number) => {
    const blob = sampleBlob('listing');
    const record: CacheRecord = {
      kind: 'listing',
      key: digestOf('base'),
      blob: blob.descriptor.digest,
      used,
    };
    return contentsOf([record], [blob]).contents;
  };
  assert.equal(pruneContents(base(today - 2), { today, maxAgeDays: 2 }).records.length, 1);
  assert.equal(pruneContents(base(today - 3), { today, maxAgeDays: 2 }).records.length, 0);
});

test('a record whose blob nobody knows goes with what needs it', () => {
  const { contents } = sampleContents('a');
  const layer = contents.records.find(({ kind }) => kind === 'blob');
  assert.ok(layer?.kind === 'blob');
  const blobs = new Map([...contents.blobs].filter(([digest]) => digest !== layer.blob));
  const pruned = pruneContents({ ...contents, blobs }, { today });
  assert.deepEqual(
    pruned.records.map(({ kind }) => kind),
    ['copy', 'listing', 'mount'],
  );
});

test('many results of one layer with many forms are no trouble', () => {
  const [blob] = sampleContents('a').blobs;
  assert.ok(blob);
  const { digest } = blob.descriptor;
  const records = Array.from({ length: 50_000 }, (_, i): readonly CacheRecord[] => [
    { kind: 'exec', key: digestOf(String(i)), layer: digest, used: today },
    { kind: 'blob', key: digest, form: String(i), blob: digest, diffId: digest, used: today },
  ]).flat();
  const pruned = pruneContents(contentsOf(records, [blob]).contents, { today });
  assert.ok(pruned.records.length > 0);
  assert.equal(pruneContents(contentsOf(records, [blob]).contents, { today, maxSize: 1 }).records.length, 0);
});

test('what has no room in a manifest goes, least used first', () => {
  const count = 30_000;
  const blobs = Array.from({ length: count }, (_, i) => sampleBlob(String(i)));
  const records = blobs.map(({ descriptor }, i): CacheRecord => {
    return { kind: 'listing', key: descriptor.digest, blob: descriptor.digest, used: today - (i % 3) };
  });
  const pruned = pruneContents(contentsOf(records, blobs).contents, { today });
  assert.ok(pruned.records.length > 15_000 && pruned.records.length < count);
  assert.equal(pruned.records.filter(({ used }) => used === today).length, count / 3);
  const manifest = JSON.stringify([...pruned.blobs.values()]);
  assert.ok(manifest.length < 3.6 * 1024 * 1024);
});

function keysOf(records: readonly CacheRecord[]): readonly string[] {
  return records.map(recordKey).sort();
}
