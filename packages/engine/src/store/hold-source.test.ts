import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { collectStore } from './collect-store.ts';
import { holdSource } from './hold-source.ts';
import { openStore } from './store.ts';

test('what a collection takes between fetching and holding is fetched again, then it stays', async (t) => {
  const home = temporaryFolder(t);
  let now = 1_000_000;
  const clock = () => now++;
  const before = await openStore(home, clock);
  const path = join(before.sourcesDir, 'file-1');
  const fetchInto = () => {
    writeFileSync(path, 'content');
    return Promise.resolve({ path });
  };
  await holdSource(before, fetchInto);
  await before.close();

  const store = await openStore(home, clock);
  let fetched = 0;
  const found = await holdSource(store, async () => {
    const file = await fetchInto();
    // it is known from before, and nobody has it in use
    if (fetched++ === 0) await collectStore({ home, clock });
    return file;
  });
  assert.deepEqual([found.path, fetched, existsSync(path)], [path, 2, true]);
  assert.equal(store.db.items().length, 1);
  await store.close();
});
