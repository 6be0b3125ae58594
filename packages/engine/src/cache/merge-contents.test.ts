import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import fc from 'fast-check';
import { anyContents } from './any-contents.fixture.ts';
import { encodeDocument } from './cache-document.ts';
import type { CacheContents, CacheRecord, MountSnapshotRecord, ResultRecord } from './cache-record.ts';
import { mergeContents } from './merge-contents.ts';

/** One text for contents, in whatever order they are held. */
function shown(contents: CacheContents): string {
  const blobs = [...contents.blobs.keys()].sort();
  return JSON.stringify([Buffer.from(encodeDocument({ contents, merged: new Map() })).toString(), blobs]);
}

function holding(...records: readonly CacheRecord[]): CacheContents {
  return { records, blobs: new Map(), accounts: [] };
}

/** Who signed is left out: of three records that disagree, the signature of one may go with what it signed. */
function unsigned(contents: CacheContents): CacheContents {
  return { ...contents, records: contents.records.map(({ sig: _sig, ...rest }) => rest) };
}

test('the order does not matter', () => {
  fc.assert(
    fc.property(fc.array(anyContents, { maxLength: 4 }), (all) => {
      assert.equal(shown(mergeContents(all)), shown(mergeContents(all.toReversed())));
      const [first, ...rest] = all;
      if (first !== undefined)
        assert.equal(shown(mergeContents(all)), shown(mergeContents([...rest, first])));
    }),
  );
});

test('it does not matter which are merged first', () => {
  fc.assert(
    fc.property(anyContents, anyContents, anyContents, (a, b, c) => {
      const left = mergeContents([mergeContents([a, b]), c]);
      const right = mergeContents([a, mergeContents([b, c])]);
      assert.equal(shown(unsigned(left)), shown(unsigned(right)));
      assert.equal(shown(unsigned(left)), shown(unsigned(mergeContents([a, b, c]))));
    }),
  );
});

test('what is merged again stays as it is', () => {
  fc.assert(
    fc.property(anyContents, anyContents, (a, b) => {
      const merged = mergeContents([a, b]);
      assert.equal(shown(mergeContents([merged, merged])), shown(merged));
      assert.equal(shown(mergeContents([merged, mergeContents([a])])), shown(merged));
    }),
  );
});

const exec: ResultRecord = { kind: 'exec', key: digestOf('key'), layer: digestOf('layer'), used: 5 };

test('the later use counts, and a time that is known', () => {
  const [merged] = mergeContents([holding({ ...exec, ms: 7 }), holding({ ...exec, used: 9 })]).records;
  assert.deepEqual(merged, { ...exec, used: 9, ms: 7 });
});

test('of two layers for one key the one used later stays', () => {
  const other = { ...exec, layer: digestOf('other layer'), used: 6 };
  assert.deepEqual(mergeContents([holding(other), holding(exec)]).records, [other]);
  assert.deepEqual(mergeContents([holding(exec), holding(other)]).records, [other]);
});

test('a signature stays when somebody adds the same without one, and goes with what it signed', () => {
  const signed = { ...exec, sig: 'signature' };
  assert.deepEqual(mergeContents([holding(signed), holding({ ...exec, used: 8 })]).records, [
    { ...signed, used: 8 },
  ]);
  const other = { ...exec, layer: '' as const, used: 6 };
  assert.deepEqual(mergeContents([holding(signed), holding(other)]).records, [other]);
});

test('of two snapshots of a mount the later one stays, whichever was used last', () => {
  const early: MountSnapshotRecord = {
    kind: 'mount',
    key: 'm2',
    id: '/root/.m2',
    blob: digestOf('early'),
    packs: [],
    at: 100,
    bytes: 1,
    used: 9,
  };
  const late = { ...early, at: 200, blob: digestOf('late'), used: 3 };
  assert.deepEqual(mergeContents([holding(early), holding(late)]).records, [{ ...late, used: 9 }]);
});

test('the latest 200 accounts are kept', () => {
  const account = {
    hits: 0,
    savedMs: 0,
    fetchMs: 0,
    restoreMs: 0,
    exportMs: 0,
    fetchedBytes: 0,
    sentBytes: 0,
  };
  const accounts = Array.from({ length: 150 }, (_, i) => ({ ...account, at: i }));
  const later = accounts.map((one) => ({ ...one, at: one.at + 100 }));
  const merged = mergeContents([
    { ...holding(), accounts: later },
    { ...holding(), accounts },
  ]).accounts;
  assert.equal(merged.length, 200);
  assert.deepEqual([merged[0]?.at, merged.at(-1)?.at], [50, 249]);
});
