import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { parseMode } from './mode.ts';

const table: readonly (readonly [text: string, old: number, isDir: boolean, wanted: number])[] = [
  ['0755', 0o644, false, 0o755],
  ['4711', 0o644, true, 0o4711],
  ['u+x', 0o644, false, 0o744],
  ['+x', 0o644, false, 0o755],
  ['a-w,u+w', 0o666, false, 0o644],
  ['u=rwX,go=rX', 0o600, false, 0o644],
  ['u=rwX,go=rX', 0o700, false, 0o755],
  ['u=rwX,go=rX', 0o600, true, 0o755],
  ['go=', 0o777, false, 0o700],
  ['=r', 0o4755, false, 0o444],
  ['g=u', 0o640, false, 0o660],
  ['go=u-w', 0o700, false, 0o755],
  ['g+u', 0o720, false, 0o770],
  ['g-u', 0o770, false, 0o700],
  ['u+s,g+s,+t', 0o755, true, 0o7755],
  ['o+s', 0o755, false, 0o755],
  ['o+t', 0o755, false, 0o755],
  ['u-s', 0o4755, false, 0o755],
  ['-X', 0o755, false, 0o644],
  ['ug+rw-x', 0o511, false, 0o661],
];

for (const [text, old, isDir, wanted] of table) {
  test(`${text} on ${old.toString(8)}${isDir ? ' (folder)' : ''}`, () => {
    assert.equal(parseMode(text)(old, isDir).toString(8), wanted.toString(8));
  });
}

test('what is no mode is refused', () => {
  for (const text of ['', '8', '999', '10000', '0o755', 'u', 'x', 'u+z', 'u+x,', ',u+x', 'u+x;g+x', '-1']) {
    assert.throws(
      () => parseMode(text),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION'),
      text,
    );
  }
});

test('a result is always permission bits', () => {
  const text = fc.string({ unit: fc.constantFrom(...'ugoa+-=rwxXst,'.split('')), maxLength: 12 });
  fc.assert(
    fc.property(text, fc.integer({ min: 0, max: 0o7777 }), fc.boolean(), (mode, old, isDir) => {
      try {
        const result = parseMode(mode)(old, isDir);
        assert.ok(result >= 0 && result <= 0o7777);
      } catch (error) {
        assert.ok(isFault(error, 'DOCKERFILE_INSTRUCTION'), String(error));
      }
    }),
  );
});
