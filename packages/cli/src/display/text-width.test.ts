import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { fitText, textWidth } from './text-width.ts';

test('wide, combining and emoji characters', () => {
  for (const [text, width] of [
    ['abc', 3],
    ['构建', 4],
    ['e\u0301', 1],
    ['👩‍👩‍👧', 2],
    ['한국', 4],
    ['ａ', 2],
    ['', 0],
  ] as const) {
    assert.equal(textWidth(text), width, text);
  }
});

test('text is cut with an ellipsis, and never in the middle of a character', () => {
  assert.equal(fitText('abcdef', 4), 'abc…');
  assert.equal(fitText('构建镜像', 5), '构建…');
  assert.equal(fitText('构建', 3), '构…');
  assert.equal(fitText('abc', 0), '');
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.nat(40), (text, width) => {
      assert.ok(textWidth(fitText(text, width)) <= width);
    }),
  );
});
