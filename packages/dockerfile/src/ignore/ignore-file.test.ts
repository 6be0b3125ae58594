import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseIgnoreFile } from './ignore-file.ts';

const parse = (...lines: string[]) => parseIgnoreFile(lines.join('\n'), { name: '.dockerignore' });

test('comments, blank lines, white space, slashes and the byte order mark', () => {
  const file = parse(
    '\uFEFF# comment',
    '',
    '  a  ',
    '/b/',
    ' # no comment',
    '!/c',
    '! d ',
    './e//f',
    'g\r',
    '/',
    '.',
  );
  assert.deepEqual(file.patterns, ['a', 'b', '# no comment', '!c', '!d', 'e/f', 'g', '/', '.']);
  assert.ok(file.hasExceptions);
  assert.ok(file.ignores('b/x') && !file.ignores('c'));
});

test('an empty file ignores nothing, and nothing ignores the root', () => {
  assert.equal(parse('').ignores('a'), false);
  assert.equal(parse('**').ignores(''), false);
});

test('a malformed pattern is shown with its line', () => {
  for (const line of ['[a', '!', 'b\\']) {
    assert.throws(
      () => parse('# first', 'a', line),
      (error) => {
        assert.ok(isFault(error, 'IGNORE_PATTERN'), String(error));
        assert.equal(error.location?.file, '.dockerignore');
        assert.equal(error.location?.line, 3);
        assert.match(error.location?.snippet ?? '', /3 \| >>>/);
        return true;
      },
    );
  }
});
