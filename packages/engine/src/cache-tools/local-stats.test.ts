import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { openStore } from '../store/store.ts';
import { adviseOnCache } from './advise-on-cache.ts';
import { type CacheTotals, localCacheStats } from './cache-stats.ts';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

const account = {
  hits: 2,
  savedMs: 5000,
  fetchMs: 100,
  restoreMs: 200,
  exportMs: 300,
  fetchedBytes: 10,
  sentBytes: 20,
};

test('accounts of this machine, by cache; what cannot be read is left out', async () => {
  const store = await openStore(folder, Date.now);
  const add = (key: string, value: string) => store.db.setFact('cache-account', key, value);
  add('000000000002', JSON.stringify({ ...account, at: 2, ref: 'r.io/a:c' }));
  add('000000000001', JSON.stringify({ ...account, at: 1, ref: 'r.io/a:c' }));
  add('000000000003', JSON.stringify({ ...account, at: 3 }));
  add('000000000004', '{"at":"x"}');
  add('000000000005', 'nonsense');
  await store.close();
  const found = await localCacheStats({ home: folder, clock: Date.now });
  assert.deepEqual(
    found.map(({ name, accounts }) => [name, accounts.map(({ at }) => at)]),
    [
      ['r.io/a:c', [1, 2]],
      ['this machine', [3]],
    ],
  );
  const [{ totals } = { totals: undefined }] = found;
  assert.deepEqual([totals?.builds, totals?.hits, totals?.costMs, totals?.netMs], [2, 4, 1200, 8800]);
});

test('a machine without a store has none, and gets none', async () => {
  const home = join(folder, 'none');
  assert.deepEqual(await localCacheStats({ home, clock: Date.now }), []);
  assert.equal(existsSync(home), false);
});

test('advice comes when a cache costs more than it brings, about what costs most', () => {
  const totals = (more: Partial<CacheTotals>): CacheTotals => {
    const sums = { ...account, builds: 5, ...more };
    const costMs = sums.fetchMs + sums.restoreMs + sums.exportMs;
    return { ...sums, costMs, netMs: sums.savedMs - costMs };
  };
  assert.equal(adviseOnCache(totals({})), undefined);
  assert.equal(adviseOnCache(totals({ builds: 1, exportMs: 9000 })), undefined, 'the first builds fill it');
  assert.match(adviseOnCache(totals({ exportMs: 9000 })) ?? '', /mode=min/);
  assert.match(adviseOnCache(totals({ restoreMs: 9000 })) ?? '', /mounts=false/);
  assert.match(adviseOnCache(totals({ fetchMs: 9000 })) ?? '', /cache prune/);
  assert.match(adviseOnCache(totals({ hits: 0, savedMs: 0 })) ?? '', /onebuild plan/);
});
