import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cleanLine } from './clean-text.ts';

test('escape sequences go, colours stay where they are wanted', () => {
  const line = '\u001b[31mred\u001b[0m\u001b[2J\u001b]0;title\u0007 \u202etxt';
  assert.equal(cleanLine(line, { colours: false }), 'red txt');
  assert.equal(cleanLine(line, { colours: true }), '\u001b[31mred\u001b[0m txt\u001b[0m');
});

test('of lines written over each other the last is kept', () => {
  assert.equal(cleanLine('10%\r50%\r100%', { colours: false }), '100%');
  assert.equal(cleanLine('text\r', { colours: false }), 'text');
});

test('nothing gets through that steers a terminal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.doesNotMatch(cleanLine(text, { colours: false }), /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
  );
});
