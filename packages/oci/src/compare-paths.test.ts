import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { comparePaths, sortByPath } from './compare-paths.ts';
import { decodePath, encodePath } from './path-bytes.ts';

const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc
    .string({
      unit: fc.constantFrom('a', 'b', '/', '.', '\u00e9', '\ufffd', '\uffff', '\u{1f600}'),
      maxLength: 6,
    })
    .map((text) => new Uint8Array(Buffer.from(text))),
);

test('any bytes are a path and come back as they were', () => {
  fc.assert(
    fc.property(bytes, (name) => {
      assert.deepEqual(Buffer.from(encodePath(decodePath(name))), Buffer.from(name));
      assert.equal(JSON.parse(JSON.stringify(decodePath(name))), decodePath(name));
    }),
    { numRuns: 1000 },
  );
});

test('valid UTF-8 is decoded as such, other bytes are escaped one by one', () => {
  assert.equal(decodePath(Buffer.from('h\u00e9llo/\u{1f600}\ufffd')), 'h\u00e9llo/\u{1f600}\ufffd');
  assert.equal(decodePath(Buffer.from([0x61, 0xff, 0x62])), 'a\udcffb');
  // A surrogate in UTF-8 form and an overlong slash are not valid.
  assert.equal(decodePath(Buffer.from([0xed, 0xa0, 0x80])), '\udced\udca0\udc80');
  assert.equal(decodePath(Buffer.from([0xc0, 0xaf])), '\udcc0\udcaf');
});

test('paths are ordered by their bytes', () => {
  fc.assert(
    fc.property(bytes, bytes, (one, other) => {
      const order = comparePaths(decodePath(one), decodePath(other));
      assert.equal(Math.sign(order), Buffer.compare(one, other));
    }),
    { numRuns: 2000 },
  );
  // UTF-16 has them the other way round.
  assert.ok(comparePaths('\uffff', '\u{1f600}') < 0);
});

test('a sorted list is ordered by bytes', () => {
  fc.assert(
    fc.property(fc.array(bytes), (names) => {
      const sorted = sortByPath(names.map((name) => ({ path: decodePath(name) })));
      const expected = [...names]
        .sort((one, other) => Buffer.compare(one, other))
        .map((name) => decodePath(name));
      assert.deepEqual(
        sorted.map(({ path }) => path),
        expected,
      );
    }),
  );
});
