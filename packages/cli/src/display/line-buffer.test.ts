import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { lastOverwrite } from './clean-text.ts';
import { LineBuffer } from './line-buffer.ts';

test('lines come out whole, wherever the text was cut', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ maxLength: 5 }).map((text) => text.replace('x', '\n'))), (pieces) => {
      const buffer = new LineBuffer();
      const lines = [...pieces.flatMap((piece) => buffer.push(piece)), ...buffer.flush()];
      const expected = pieces.join('').split('\n');
      if (expected.at(-1) === '') expected.pop();
      assert.deepEqual(lines, expected);
    }),
  );
});

test('progress written over itself is kept as what is seen last', () => {
  const piece = fc
    .array(fc.constantFrom('a', 'bc', '\r', '\n'), { maxLength: 8 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(piece), (pieces) => {
      const buffer = new LineBuffer();
      const lines = [...pieces.flatMap((text) => buffer.push(text)), ...buffer.flush()];
      const expected = pieces.join('').split('\n');
      if (lines.length < expected.length) assert.equal(expected.pop(), '');
      assert.deepEqual(lines.map(lastOverwrite), expected.map(lastOverwrite));
    }),
  );
  const buffer = new LineBuffer();
  for (let percent = 0; percent < 100; percent++) buffer.push(`\r${percent}% of it`);
  assert.equal(buffer.pending(), '99% of it');
});

test('an endless line is cut into pieces of bounded size', () => {
  const buffer = new LineBuffer();
  const lines = [...buffer.push('a'.repeat(50_000)), ...buffer.push('b\n')];
  assert.equal(lines.join(''), `${'a'.repeat(50_000)}b`);
  assert.ok(lines.every((line) => line.length <= 16_384));
});
