import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import fc from 'fast-check';
import { anyContents } from './any-contents.fixture.ts';
import { decodeDocument, encodeDocument } from './cache-document.ts';
import { recordKey } from './cache-record.ts';
import type { CacheState } from './cache-state.ts';
import { mergeContents } from './merge-contents.ts';
import { sampleContents } from './sample-contents.fixture.ts';

const merged = new Map([['0123456789abcdef0123', 1_700_000_000]]);

function sorted({ contents, merged: ids }: CacheState) {
  const keyed = contents.records.map((record) => [recordKey(record), record] as const);
  const records = keyed.sort(([one], [other]) => (one < other ? -1 : 1)).map(([, record]) => record);
  return { records, accounts: contents.accounts, blobs: new Set(contents.blobs.keys()), ids: [...ids] };
}

test('what is written is read again', () => {
  fc.assert(
    fc.property(anyContents, (any) => {
      const contents = mergeContents([any]);
      const read = decodeDocument(encodeDocument({ contents, merged }), contents.blobs);
      const blobs = new Map([...contents.blobs].filter(([digest]) => read.contents.blobs.has(digest)));
      assert.deepEqual(sorted(read), sorted({ contents: { ...contents, blobs }, merged }));
    }),
  );
});

test('equal contents give equal bytes', () => {
  fc.assert(
    fc.property(anyContents, (any) => {
      const contents = mergeContents([any]);
      const turned = {
        records: contents.records
          .map((record) => Object.fromEntries(Object.entries(record).reverse()))
          .reverse(),
        blobs: contents.blobs,
        accounts: contents.accounts.toReversed(),
      };
      const one = Buffer.from(encodeDocument({ contents, merged }));
      assert.ok(one.equals(encodeDocument({ contents: turned as unknown as typeof contents, merged })));
    }),
  );
});

const { contents } = sampleContents('a');
const good = JSON.parse(Buffer.from(encodeDocument({ contents, merged })).toString()) as {
  records: Record<string, unknown>[];
} & Record<string, unknown>;

function decode(document: unknown): CacheState {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  return decodeDocument(Buffer.from(text), contents.blobs);
}

test('kinds that are not known are left out, and so is what names a blob that is not there', () => {
  const later = [...good.records, { kind: 'later', key: 5, anything: {} }];
  assert.deepEqual(sorted(decode({ ...good, records: later, more: 1 })), sorted(decode(good)));
  const lost = decodeDocument(Buffer.from(JSON.stringify(good)), new Map());
  assert.deepEqual(lost.contents.records.map(({ kind }) => kind).sort(), ['copy', 'exec']);
});

test('a later version is refused with what to do', () => {
  assert.throws(
    () => decode({ version: 2, entries: [] }),
    (error) => isFault(error, 'CACHE_DAMAGED') && /version 2/.test(error.message) && /ref=/.test(error.hint),
  );
});

function wrongFor(value: unknown): readonly unknown[] {
  const wrong = [null, {}, true, -1, 1.5, 'x'.repeat(5000), [5], ['x']];
  const isDigest = typeof value === 'string' && value.startsWith('sha256:');
  return isDigest ? [...wrong, 'sha256:x', 'toString'] : wrong;
}

test('hostile documents are refused', () => {
  const text = JSON.stringify(good);
  const [record] = good.records;
  const hostile: unknown[] = [
    '',
    'null',
    '[]',
    '5',
    '{"version":1}',
    text.slice(0, -10),
    `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
    `{"version":1,"records":${'['.repeat(50_000)}${']'.repeat(50_000)},"merged":{},"accounts":[]}`,
    { ...good, version: '1' },
    { ...good, version: 0 },
    { ...good, version: null },
    { ...good, records: {} },
    { ...good, records: 5 },
    { ...good, records: [null] },
    { ...good, records: ['exec'] },
    { ...good, records: [{}] },
    { ...good, records: Array.from({ length: 200_001 }, () => 0) },
    { ...good, merged: 5 },
    { ...good, merged: { '0123456789abcdef0123': 'x' } },
    { ...good, merged: { '0123456789abcdef0123': -1 } },
    { ...good, accounts: {} },
    { ...good, accounts: [{}] },
    { ...good, accounts: [{ at: 'x' }] },
    ...good.records.flatMap((one) =>
      Object.keys(one)
        .filter((field) => field !== 'kind' && field !== 'ms')
        .flatMap((field) =>
          wrongFor(one[field]).map((value) => ({ ...good, records: [{ ...one, [field]: value }] })),
        ),
    ),
    { ...good, records: [{ ...record, key: undefined }] },
    { ...good, records: [{ ...record, used: 1e300 }] },
  ];
  for (const document of hostile) {
    assert.throws(
      () => decode(document),
      (error) => isFault(error, 'CACHE_DAMAGED') && error.message.length < 300,
      JSON.stringify(document).slice(0, 300),
    );
  }
  assert.throws(
    () => decodeDocument(Buffer.alloc(32 * 1024 * 1024 + 1, ' '), new Map()),
    (error) => isFault(error, 'CACHE_DAMAGED') && /bytes/.test(error.message),
  );
});

test('keys of prototypes are keys like others', () => {
  const text = JSON.stringify(good)
    .replace('"merged":{', '"merged":{"__proto__":5,"constructor":7,')
    .replace('"records":[', '"__proto__":{"polluted":1},"records":[{"kind":"__proto__"},{"kind":"toString"},')
    .replace('{"kind":"mount"', '{"__proto__":{"polluted":1},"kind":"mount"');
  const read = decode(text);
  assert.deepEqual([...read.merged.keys()], [...merged.keys()]);
  assert.equal(read.contents.records.length, contents.records.length);
  for (const record of read.contents.records) assert.ok(!('polluted' in record));
  const key = digestOf('x');
  const named = decode({
    ...good,
    records: [{ kind: 'mount', key: '__proto__', id: 'x', blob: key, packs: [], at: 1, bytes: 1, used: 1 }],
  });
  assert.equal(named.contents.records.length, 0);
});
