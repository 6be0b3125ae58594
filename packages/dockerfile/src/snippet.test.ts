import assert from 'node:assert/strict';
import { test } from 'node:test';
import { drawSnippet, locate } from './snippet.ts';

const text = 'FROM a\nARG x\n\nRUN one \\\n  two\nCMD z\nUSER u\nEXPOSE 1\nLABEL a=b\n';

test('three lines on both sides, those of the place marked', () => {
  assert.equal(
    drawSnippet(text, { line: 4, endLine: 5 }),
    [
      '   1 |     FROM a',
      '   2 |     ARG x',
      '   3 |',
      '   4 | >>> RUN one \\',
      '   5 | >>>   two',
      '   6 |     CMD z',
      '   7 |     USER u',
      '   8 |     EXPOSE 1',
    ].join('\n'),
  );
});

test('long places and lines are cut, control characters shown as such', () => {
  const long = `${'x'.repeat(500)}\n`.repeat(100);
  const lines = drawSnippet(long, { line: 1, endLine: 100 }).split('\n');
  assert.ok(lines.length < 20 && lines.every((line) => line.length < 230));
  assert.ok(!drawSnippet('RUN \u001b[31m', { line: 1 }).includes('\u001b'));
});

test('a place gets its snippet once', () => {
  const place = locate({ text }, { file: 'Dockerfile', line: 1 });
  assert.match(place.snippet ?? '', />>> FROM a/);
  assert.equal(locate({ text: 'other' }, place), place);
});
