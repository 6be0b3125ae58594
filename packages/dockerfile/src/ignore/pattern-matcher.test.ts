import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import fc from 'fast-check';
import { createPatternMatcher } from './pattern-matcher.ts';

/** Pattern, path, whether it is ignored. */
const single: readonly (readonly [string, string, boolean])[] = [
  ['a', 'a', true],
  ['a', 'a/b', true],
  ['a', 'b/a', false],
  ['a', 'ab', false],
  ['/a', 'a', false],
  ['a/', 'a/b', true],
  ['./a/../b', 'b', true],
  ['*', 'a/b', true],
  ['*.o', 'x.o', true],
  ['*.o', 'd/x.o', false],
  ['*/x.o', 'd/x.o', true],
  ['*/x.o', 'd/e/x.o', false],
  ['a?c', 'abc', true],
  ['a?c', 'a/c', false],
  ['**', 'a/b/c', true],
  ['**/', 'a', true],
  ['**/a', 'a', true],
  ['**/a', 'x/y/a', true],
  ['**/a', 'x/ya', false],
  ['**a', 'xa', true],
  ['**/*.o', 'x.o', true],
  ['**/*.o', 'a/b/x.o', true],
  ['**/*.o', 'a/b/x.oo', false],
  ['a/**', 'a', false],
  ['a/**', 'a/b/c', true],
  ['a/**/b', 'a/b', true],
  ['a/**/b', 'a/x/y/b', true],
  ['a/**/b', 'a/xb', false],
  ['**/a/**', 'x/a/y', true],
  ['**/a/**', 'x/a', false],
  ['**/**/a', 'x/a', true],
  ['a[b-d]e', 'ace', true],
  ['a[^b-d]e', 'ace', false],
  ['a[^b-d]e', 'axe', true],
  ['a\\*b', 'a*b', true],
  ['a\\*b', 'axb', false],
  ['a.b', 'axb', false],
  ['a+(b)|$', 'a+(b)|$', true],
  ['*♥', '👽♥', true],
  ['?♥', '👽♥', true],
  ['.', 'a', false],
  ['..', 'a', false],
  ['**/..', 'a', false],
];

for (const [pattern, path, wanted] of single) {
  test(`${pattern} ${wanted ? 'ignores' : 'leaves'} ${path}`, () => {
    assert.equal(createPatternMatcher([pattern]).ignores(path), wanted);
  });
}

/** Patterns, ignored paths, paths that stay. */
const several: readonly (readonly [readonly string[], readonly string[], readonly string[]])[] = [
  [
    ['*', '!a'],
    ['b', 'b/a'],
    ['a', 'a/b'],
  ],
  [
    ['a', '!a/b'],
    ['a', 'a/c'],
    ['a/b', 'a/b/c'],
  ],
  [['a', '!a/b', 'a/b/c'], ['a/b/c', 'a/b/c/d'], ['a/b/d']],
  [['!a', 'a'], ['a'], []],
  [
    ['*', '!**/*.ts', '**/*.test.ts'],
    ['a/x.test.ts', 'a/x.js'],
    ['a/b/x.ts', 'x.ts'],
  ],
  [['**/node_modules', '!keep/node_modules'], ['a/node_modules/x'], ['keep/node_modules/x']],
  // an exception that comes too late for its folder does not count for what is in it
  [['a/f', '!a'], ['a/f'], ['a', 'a/g']],
  [['a/*', '!a/b/'], ['a/c'], ['a/b', 'a/b/c']],
];

for (const [patterns, ignored, left] of several) {
  test(patterns.join(' '), () => {
    const matcher = createPatternMatcher(patterns);
    assert.deepEqual(
      [...ignored, ...left].filter((path) => matcher.ignores(path)),
      ignored,
    );
  });
}

test('a scanner knows which ignored folders it must still enter', () => {
  const matcher = createPatternMatcher(['*', '!a/b/c', '!x/**/z', '!f*']);
  for (const folder of ['a', 'a/b', 'x', 'x/y', 'f', 'fg'])
    assert.ok(matcher.mayContainException(folder), folder);
  for (const folder of ['a/b/c', 'a/c', 'b']) assert.ok(!matcher.mayContainException(folder), folder);
  assert.ok(createPatternMatcher(['*', '!**/x']).mayContainException('any/where'));
});

test('skipping such folders never loses a path', () => {
  const name = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  const pattern = fc
    .array(fc.constantFrom('a', 'b', '*', '**', '?'), { minLength: 1, maxLength: 3 })
    .chain((parts) => fc.constantFrom('', '!').map((sign) => sign + parts.join('/')));
  fc.assert(
    fc.property(fc.array(pattern, { maxLength: 5 }), path, (patterns, file) => {
      const matcher = createPatternMatcher(patterns);
      const parts = file.split('/');
      const folders = parts.slice(1).map((_, i) => parts.slice(0, i + 1).join('/'));
      const skipped = folders.some(
        (folder) => matcher.ignores(folder) && !matcher.mayContainException(folder),
      );
      if (skipped) assert.ok(matcher.ignores(file), `${patterns.join(' ')}: ${file}`);
    }),
    { numRuns: 2000 },
  );
});

test('wildcards agree with the regular expressions they stand for', () => {
  const unit = fc.constantFrom('a', '/', '*', '**', '**/', '?');
  const path = fc.string({ unit: fc.constantFrom('a', 'b', '/a', '/b'), minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(unit, { minLength: 1, maxLength: 5 }), path, (parts, text) => {
      const pattern = `x${parts.join('')}y`.replace(/\/+/g, '/').replace(/\*{3,}/g, '**');
      const source = pattern.replace(/\*\*\/?|[*?]/g, (wild) =>
        wild.startsWith('**') ? '(.*/)?' : wild === '*' ? '[^/]*' : '[^/]',
      );
      assert.equal(
        createPatternMatcher([pattern]).ignores(`x${text}y`),
        new RegExp(`^${source}$`).test(`x${text}y`),
        pattern,
      );
    }),
    { numRuns: 1000 },
  );
});

test('malformed patterns are refused', () => {
  for (const pattern of ['[', 'a[]', '[a', '[a-]', 'a\\', '!', '[-a]']) {
    assert.throws(
      () => createPatternMatcher([pattern]),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION'),
      pattern,
    );
  }
});

test('many wildcards and many paths end soon', () => {
  const hard = createPatternMatcher([`${'*a'.repeat(100)}b`, `${'**/a/'.repeat(100)}b`]);
  assert.equal(hard.ignores('a'.repeat(4000)), false);
  assert.equal(hard.ignores('a/'.repeat(2000)), false);
  const usual = createPatternMatcher([
    'node_modules',
    '**/*.log',
    '.git',
    '*.md',
    '!README.md',
    '**/dist/**',
    'a/*/c',
  ]);
  let ignored = 0;
  for (let i = 0; i < 100_000; i++) if (usual.ignores(`packages/p${i % 100}/src/file-${i}.ts`)) ignored++;
  assert.equal(ignored, 0);
});
