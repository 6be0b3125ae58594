import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CacheReport } from '@onebuild/core';
import { createPalette } from './palette.ts';
import { renderCache } from './render-cache.ts';

const palette = createPalette(false);
const report: CacheReport = {
  steps: [
    { step: 'RUN make', savedMs: 20_000 },
    { step: 'RUN npm ci\u001b[2J', savedMs: 21_000 },
    { step: 'RUN true', savedMs: 3 },
  ],
  savedMs: 41_003,
  fetchMs: 120,
  restoreMs: 0,
  exportMs: 300,
  fetchedBytes: 12_000,
  sentBytes: 0,
  mounts: [{ id: '/root/.m2', fetchedBytes: 3_000_000, sentBytes: 120_000, size: 50_000_000 }],
};

test('what a cache spared, step by step, and what it cost', () => {
  assert.deepEqual(renderCache(report, palette), [
    'Cache   3 steps taken from it, 41.0s saved; 0.1s to look, 0.0s to restore, 0.3s to write; 12.0 kB fetched, 0 B sent',
    '     21.0s  RUN npm ci',
    '     20.0s  RUN make',
    'Mount   /root/.m2: 50.0 MB; 3.0 MB fetched, 120 kB sent',
  ]);
});

test('a cache that costs more than it saves is told of; one that was empty is not', () => {
  const dear = {
    ...report,
    mounts: [],
    savedMs: 100,
    steps: [{ step: 'RUN true', savedMs: 100 }],
    restoreMs: 5000,
  };
  assert.match(renderCache(dear, palette).at(-1) ?? '', /hint: this time the cache cost more than it saved/);
  assert.deepEqual(renderCache({ ...dear, savedMs: 0, steps: [] }, palette), [
    'Cache   no step taken from it; 0.1s to look, 5.0s to restore, 0.3s to write; 12.0 kB fetched, 0 B sent',
  ]);
});
