import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { matchGlob } from './glob.ts';

test("the rules of Go's path.Match", () => {
  const table: readonly (readonly [string, string, boolean])[] = [
    ['abc', 'abc', true],
    ['*', 'abc', true],
    ['*c', 'abc', true],
    ['a*', 'a/b', false],
    ['a*/b', 'abc/b', true],
    ['a*/b', 'a/c/b', false],
    ['a*b*c*d*e*/f', 'axbxcxdxe/f', true],
    ['a*b*c*d*e*/f', 'axbxcxdxexxx/fff', false],
    ['a*b?c*x', 'abxbbxdbxebxczzx', true],
    ['a*b?c*x', 'abxbbxdbxebxczzy', false],
    ['ab[c]', 'abc', true],
    ['ab[b-d]', 'abc', true],
    ['ab[^c]', 'abc', false],
    ['a\\*b', 'a*b', true],
    ['a?b', 'a☺b', true],
    ['a[^a]b', 'a☺b', true],
    ['a???b', 'a☺b', false],
    ['[a-ζ]*', 'α', true],
    ['*[a-ζ]', 'A', false],
    ['a?b', 'a/b', false],
    ['[\\]a]', ']', true],
    ['[x\\-]', '-', true],
    ['*x', 'xxx', true],
    ['**', 'a/b', false],
    ['', '', true],
  ];
  for (const [pattern, name, wanted] of table)
    assert.equal(matchGlob(pattern, name), wanted, `${pattern} ${name}`);
});

test('malformed patterns are refused, whatever the name', () => {
  const location = { file: 'Dockerfile', line: 3 };
  for (const pattern of ['[]a]', '[-]', '[x-]', '[-x]', '[', '[^', '[^bc', 'a[', 'x\\', '[a-b-c]']) {
    assert.throws(
      () => matchGlob(pattern, 'a', { location }),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION') && error.location === location,
      pattern,
    );
  }
});
