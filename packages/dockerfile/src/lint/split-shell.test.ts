import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { splitShell } from './split-shell.ts';

const split = (text: string) =>
  splitShell(text).map(({ words, piped }) => (piped ? '| ' : '') + words.map((word) => word.text).join(','));

const table: readonly (readonly [string, readonly string[]])[] = [
  ['a b && c || d; e', ['a,b', 'c', 'd', 'e']],
  ['a | b |& c', ['a', '| b', '| c']],
  ['A=1 B="x y" a', ['a']],
  ['if ! a; then b; fi', ['a', 'b', 'fi']],
  ['a "b && c" \'d;e\' f\\ g', ['a,b && c,d;e,f g']],
  ['a 2>&1 &>x # c && d\ne', ['a,2>&1,&>x', 'e']],
  ['a $(b; c "d)") ${e:-f g} `h i`', ['a,$(b; c "d)"),${e:-f g},`h i`']],
  ['(a; b) & { c; }', ['a', 'b', 'c']],
  ['a \\\n  b', ['a,b']],
  ['sh <(curl x | y)', ['sh,<(curl x | y)']],
  ['a |\n b', ['a', '| b']],
  ['a "', ['a,']],
  ['', []],
];

for (const [text, wanted] of table) {
  test(`shell: ${JSON.stringify(text)}`, () => assert.deepEqual(split(text), wanted));
}

test('words lie where they say, in order, whatever the text', () => {
  const piece = fc.constantFrom(
    'a',
    ' ',
    '"',
    "'",
    '\\',
    '$(',
    ')',
    '${',
    '}',
    '`',
    '&',
    '|',
    ';',
    '\n',
    '#',
    '<(',
    'é',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
      const text = pieces.join('');
      let last = 0;
      for (const { start, end } of splitShell(text).flatMap(({ words }) => words)) {
        assert.ok(start >= last && end > start && end <= text.length, JSON.stringify(text));
        last = end;
      }
    }),
  );
});
