import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '@onebuild/oci';
import { renderListing, renderPruned } from './render-cache.ts';
import { renderStats } from './render-stats.ts';
import { renderVerified } from './render-verified.ts';

const name = 'r.io/app:onebuild-cache';
const part = { kind: 'steps', count: 2, size: 1_500_000, lastUsed: 20_000 } as const;

test('a listing for people; what a cache says of itself moves no cursor', () => {
  const mount = { id: '/root/.m2\u001b[2J', size: 5_000_000, storedSize: 900, at: 1e15, signed: true };
  const listing = { name, entries: 2, signed: 1, size: 1_500_000, parts: [part], mounts: [mount], builds: 1 };
  assert.deepEqual(renderListing(listing), [
    'KIND   COUNT  SIZE    LAST USED',
    'steps  2      1.5 MB  2024-10-04',
    '',
    'CACHE MOUNT  FILES   STORED  SAVED  SIGNED',
    '/root/.m2    5.0 MB  900 B   ?      yes',
    '',
    '1.5 MB in r.io/app:onebuild-cache: 2 entries, 1 of them signed, by 1 build',
  ]);
});

test('what went, or would go', () => {
  const pruned = {
    name,
    removed: [part, { kind: 'copies', count: 0, size: 0, lastUsed: undefined } as const],
    removedEntries: 2,
    removedSize: 1_500_000,
    keptEntries: 1,
    keptSize: 10,
  };
  assert.deepEqual(renderPruned(pruned, true), [
    'KIND   COUNT  SIZE    LAST USED',
    'steps  2      1.5 MB  2024-10-04',
    '2 entries (1.5 MB) would go, 1 entry (10 B) would stay in r.io/app:onebuild-cache',
  ]);
  const nothing = { ...pruned, removed: [], removedEntries: 0, removedSize: 0 };
  assert.deepEqual(renderPruned(nothing, false), [
    '0 entries (0 B) removed, 1 entry (10 B) kept in r.io/app:onebuild-cache',
  ]);
});

test('a line for each damaged thing, and who signed', () => {
  const verified = {
    name,
    entries: 3,
    blobs: 2,
    bytes: 1000,
    signed: 1,
    unsigned: 2,
    otherwiseSigned: 0,
    damaged: [{ what: 'layer', id: 'sha256:a', digest: digestOf('b'), why: 'it is gone' } as const],
    removed: 2,
  };
  assert.deepEqual(renderVerified(verified, { hasKeys: true, fix: true }), [
    `damaged: layer sha256:a, blob ${digestOf('b')}: it is gone`,
    '3 entries: 1 signed with these keys, 0 signed otherwise, 2 not signed',
    '2 blobs checked (1.0 kB), 1 damaged in r.io/app:onebuild-cache',
    '2 entries removed',
  ]);
  const [first] = renderVerified({ ...verified, damaged: [] }, { hasKeys: false, fix: true });
  assert.equal(first, '3 entries: 1 signed, 2 not signed');
});

test('what a cache cost and saved, build by build and together', () => {
  const account = { hits: 2, savedMs: 60_000, fetchMs: 100, restoreMs: 400, exportMs: 500 };
  const bytes = { fetchedBytes: 1000, sentBytes: 0 };
  const totals = { ...account, ...bytes, builds: 1, costMs: 1000, netMs: 59_000 };
  const lines = renderStats({ name, totals, isTelling: false, accounts: [{ at: 0, ...account, ...bytes }] });
  assert.deepEqual(lines, [
    'BUILD             HITS  SAVED   FETCH  RESTORE  EXPORT  FETCHED  SENT',
    '1970-01-01 00:00  2     1m 00s  0.1s   0.4s     0.5s    1.0 kB   0 B',
    'all 1             2     1m 00s  0.1s   0.4s     0.5s    1.0 kB   0 B',
    '',
    'r.io/app:onebuild-cache: 1 build saved 1m 00s of steps and paid 1.0s: it pays, by 59.0s',
  ]);
  const poor = {
    name,
    totals: { ...totals, netMs: -5000 },
    isTelling: true,
    accounts: [],
    advice: 'Do less.',
  };
  assert.deepEqual(renderStats(poor), [`${name}: no build has written its account yet`]);
  const told = renderStats({ ...poor, accounts: [{ at: 0, ...account, ...bytes }] });
  const early = renderStats({ ...poor, isTelling: false, accounts: [{ at: 0, ...account, ...bytes }] });
  assert.match(early.join('\n'), /too few builds to tell/);
  assert.match(told.join('\n'), /it costs 5\.0s more than it saves\nDo less\.$/);
});
