import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareLines } from './compare-lines.ts';
import { formatDiff } from './format-diff.ts';

test('changes with three lines around them; far ones are hunks of their own', () => {
  const lines = Array.from({ length: 20 }, (_, index) => `${index + 1}\n`);
  const after = lines.with(1, 'two\n').toSpliced(17, 1);
  assert.equal(
    formatDiff('a/Dockerfile', lines.join(''), after.join('')),
    [
      '--- a/a/Dockerfile',
      '+++ b/a/Dockerfile',
      '@@ -1,5 +1,5 @@',
      ' 1',
      '-2',
      '+two',
      ' 3',
      ' 4',
      ' 5',
      '@@ -15,6 +15,5 @@',
      ' 15',
      ' 16',
      ' 17',
      '-18',
      ' 19',
      ' 20',
      '',
    ].join('\n'),
  );
});

test('ends of lines and of the file are told apart', () => {
  assert.equal(
    formatDiff('my file', 'a\r\nb', 'a\nb'),
    '--- a/my file\t\n+++ b/my file\t\n@@ -1,2 +1,2 @@\n-a\r\n+a\n b\n\\ No newline at end of file\n',
  );
  assert.equal(formatDiff('f', '', 'a\n'), '--- a/f\n+++ b/f\n@@ -0,0 +1 @@\n+a\n');
  assert.equal(formatDiff('f', 'a', 'a'), '');
});

test('the first text and the second are both in it, for all short texts', () => {
  const texts = ['', 'a', 'b', 'ab', 'ba', 'aab', 'abab', 'bbaa', 'abcabba', 'cbabac'].map((text) =>
    text.split(''),
  );
  for (const old of texts) {
    for (const fresh of texts) {
      const changes = compareLines(old, fresh);
      const side = (other: string) => changes.filter(({ how }) => how !== other).map(({ line }) => line);
      assert.deepEqual(side('+'), old);
      assert.deepEqual(side('-'), fresh);
    }
  }
  const kept = compareLines('abcabba'.split(''), 'cbabac'.split('')).filter(({ how }) => how === ' ');
  assert.equal(kept.length, 4);
});
