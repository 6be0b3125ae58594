import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseDuration } from './duration.ts';

test('durations as Go writes them', () => {
  const table: Readonly<Record<string, number>> = {
    '0': 0,
    '30s': 30e9,
    '1h2m3s': 3723e9,
    '1.5m': 90e9,
    '.5s': 500e6,
    '2us': 2000,
    '2µs': 2000,
    '7ns': 7,
    '-1s': -1e9,
    '+1ms': 1e6,
  };
  for (const [text, wanted] of Object.entries(table)) assert.equal(parseDuration(text), wanted, text);
});

test('everything else is refused', () => {
  for (const text of [
    '',
    '5',
    's',
    '1 s',
    '1d',
    '1s2',
    '1..5s',
    '.s',
    '9999999h',
    `${'1s'.repeat(1000)}`,
    '-',
  ]) {
    assert.throws(
      () => parseDuration(text),
      (error) => isFault(error, 'DOCKERFILE_INSTRUCTION'),
      text,
    );
  }
});
