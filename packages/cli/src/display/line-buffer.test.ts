import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
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

test('an endless line is cut into pieces of bounded size', () => {
  const buffer = new LineBuffer();
  const lines = [...buffer.push('a'.repeat(50_000)), ...buffer.push('b\n')];
  assert.equal(lines.join(''), `${'a'.repeat(50_000)}b`);
  assert.ok(lines.every((line) => line.length <= 16_384));
});
