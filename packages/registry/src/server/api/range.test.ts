import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseChunkRange, parseRange } from './range.ts';

test('a range that is understood lies within the content', () => {
  const header = fc.oneof(
    fc.string(),
    fc.tuple(fc.nat(), fc.nat()).map(([from, to]) => `bytes=${from}-${to}`),
    fc.nat().map((count) => `bytes=-${count}`),
    fc.nat().map((from) => `bytes=${from}-`),
  );
  fc.assert(
    fc.property(header, fc.nat(), (text, size) => {
      const range = parseRange(text, size);
      if (typeof range === 'object')
        assert.ok(0 <= range.start && range.start <= range.end && range.end < size);
    }),
  );
});

test('the range of a chunk is two numbers in order', () => {
  assert.deepEqual(parseChunkRange('0-9'), { start: 0, end: 9 });
  assert.deepEqual(parseChunkRange('bytes 5-5/*'), { start: 5, end: 5 });
  for (const text of ['9-0', '-1-5', '1', '', '0-', 'a-b', `0-${'9'.repeat(20)}`]) {
    assert.equal(parseChunkRange(text), undefined, text);
  }
});
