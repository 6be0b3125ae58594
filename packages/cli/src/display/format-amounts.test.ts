import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatBytes, formatCount, formatDuration } from './format-amounts.ts';

test('amounts for people', () => {
  assert.deepEqual([0, 999, 1000, 12_345, 99_940, 99_960, 999_400, 999_600, 1.5e9, 3e15].map(formatBytes), [
    '0 B',
    '999 B',
    '1.0 kB',
    '12.3 kB',
    '99.9 kB',
    '100 kB',
    '999 kB',
    '1.0 MB',
    '1.5 GB',
    '3000 TB',
  ]);
  assert.deepEqual([0, 49, 59_949, 59_960, 61_000, 3_599_400, 3_600_000, 7_620_000].map(formatDuration), [
    '0.0s',
    '0.0s',
    '59.9s',
    '1m 00s',
    '1m 01s',
    '59m 59s',
    '1h 00m',
    '2h 07m',
  ]);
  assert.deepEqual([formatCount(1, 'step'), formatCount(2, 'step')], ['1 step', '2 steps']);
});
