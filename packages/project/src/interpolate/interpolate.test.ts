import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OneBuildError } from '@onebuild/core';
import fc from 'fast-check';
import { interpolate } from './interpolate.ts';
import { createScope } from './scope.ts';

const scope = createScope({
  facts: {
    env: { VERSION: 'v1.2.3', EMPTY: '' },
    git: {
      sha: 'abcdef0123'.repeat(4),
      branch: 'feature/x',
      tag: undefined,
      isDirty: true,
      time: '2026-01-31T12:00:00Z',
    },
  },
  values: { app: 'shop', variant: undefined },
  args: { GO: '1.22', TOKEN: null },
});

const cases: readonly (readonly [text: string, expected: string])[] = [
  ['plain "text" it\'s C:\\x', 'plain "text" it\'s C:\\x'],
  ['${app}-$app', 'shop-shop'],
  ['"${app}" it\'s', '"shop" it\'s'],
  ['${git.sha6}', 'abcdef'],
  ['${git.branch/\\//-}', 'feature-x'],
  ['${git.tag:-none}${git.dirty:+-dirty}', 'none-dirty'],
  ['${env.VERSION#v}', '1.2.3'],
  ['${env.VERSION%%.*}', 'v1'],
  ['${env.EMPTY:-x}${env.EMPTY-x}', 'x'],
  ['${env.NONE:-${git.sha6}}', 'abcdef'],
  ['${env.VERSION:-${git.tag}}', 'v1.2.3'],
  ['${variant:+-$variant}', ''],
  ['${args.GO}${args.TOKEN:-}', '1.22'],
  ['\\$app $', '$app $'],
];
for (const [text, expected] of cases) {
  test(text, () => {
    assert.equal(interpolate(text, scope), expected);
  });
}

const faults: readonly (readonly [text: string, expected: RegExp])[] = [
  ['${git.tag}', /git\.tag has no value/],
  ['${git.tag%x}', /git\.tag has no value/],
  ['${git.tag/a/b}', /git\.tag has no value/],
  ['${env.NONE}', /env\.NONE has no value/],
  ['${env.NONE:-${git.tag}}', /git\.tag has no value/],
  ['${env.NONE:?set it}', /env\.NONE: set it/],
  ['${git.shaa:-x}', /there is nothing with the name git\.shaa/],
  ['${app.x}', /nothing with the name app\.x/],
  ['$git.sha', /nothing with the name git$/],
  ['${GO}', /nothing with the name GO/],
  ['${constructor}', /nothing with the name constructor/],
  ['${app', /'\$\{app' is not supported/],
];
for (const [text, expected] of faults) {
  test(`${text} is a fault`, () => {
    assert.throws(() => interpolate(text, scope), { code: 'PROJECT_EXPANSION', message: expected });
  });
}

test('any text gives a text or a fault of interpolation', () => {
  const piece = fc.constantFrom(
    '$',
    '{',
    '}',
    ':',
    '-',
    '+',
    '/',
    '#',
    'app',
    'git.',
    'sha',
    'env.',
    '\\',
    "'",
    '"',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
      try {
        interpolate(pieces.join(''), scope);
      } catch (error) {
        assert.ok(error instanceof OneBuildError && error.code === 'PROJECT_EXPANSION', String(error));
      }
    }),
  );
});
