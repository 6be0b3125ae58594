import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestHex, digestOf } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { collectStore } from './collect-store.ts';
import { openStore, type Store } from './store.ts';
import { verifyStore } from './verify-store.ts';

const later = () => Date.now() + 3_600_000;
const id = digestOf('layer');

function putLayer(store: Store): void {
  const folder = join(store.layersDir, digestHex(id));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'file'), 'content');
  store.db.put('layer', id, 7);
}

/** A process that opens the store and kills itself in the middle of `work`. */
async function dieIn(home: string, work: string): Promise<void> {
  const script = `
    import { renameSync } from 'node:fs';
    import { openStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
    const store = await openStore(${JSON.stringify(home)}, Date.now);
    const item = { kind: 'layer', id: ${JSON.stringify(id)}, used: Number.MAX_SAFE_INTEGER };
    const path = store.layersDir + ${JSON.stringify(`/${digestHex(id)}`)};
    const die = () => process.kill(process.pid, 'SIGKILL');
    ${work}
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  assert.equal(signal, 'SIGKILL');
}

describe('a removal that was killed', () => {
  const moments = {
    'before the files go': 'store.db.condemn(item); die();',
    'when the files have gone and the account has not':
      'store.db.condemn(item); store.db.exclusively(() => { store.db.drop(item); renameSync(path, store.temp + "/trash"); die(); });',
  };
  for (const [moment, work] of Object.entries(moments)) {
    it(`${moment}: nobody finds the thing, and it can come again`, async (t) => {
      const home = temporaryFolder(t);
      const store = await openStore(home, Date.now);
      putLayer(store);
      await dieIn(home, work);
      assert.ok(!store.db.touch('layer', id));
      putLayer(store);
      assert.ok(store.db.touch('layer', id));
      await store.close();
    });

    it(`${moment}: is no damage, and is done with the next time`, async (t) => {
      for (const finish of [verifyStore, collectStore]) {
        const home = temporaryFolder(t);
        const store = await openStore(home, Date.now);
        putLayer(store);
        await store.close();
        await dieIn(home, work);
        const result = await finish({ home, clock: Date.now, keepDays: 1 });
        if ('damaged' in result) assert.deepEqual(result.damaged, []);
        assert.deepEqual(readdirSync(join(home, 'layers')), []);
        assert.deepEqual(readdirSync(join(home, 'tmp')), []);
        const after = await openStore(home, Date.now);
        assert.deepEqual(after.db.items(), []);
        await after.close();
      }
    });
  }
});

describe('what a killed process left in the rooms', () => {
  it('goes with a collection and a check once it is old, and counts as no damage', async (t) => {
    for (const finish of [verifyStore, collectStore]) {
      const home = temporaryFolder(t);
      const store = await openStore(home, Date.now);
      const put = (path: string, text = '') => writeFileSync(join(home, path), text);
      const kept = digestOf('kept');
      for (const room of ['blobs/sha256', 'layers', 'index', 'mounts', 'sources']) put(`${room}/stray`);
      put(`sources/file-${digestHex(kept)}`);
      store.db.put('source', `file-${digestHex(kept)}`, 0);
      put('sources/url-1.json', JSON.stringify({ digest: kept }));
      put('sources/url-2.json', JSON.stringify({ digest: digestOf('gone') }));
      await store.close();
      const strays = () =>
        readdirSync(home, { recursive: true }).filter((name) => /stray|url-2/.test(String(name))).length;
      await finish({ home, clock: Date.now, keepDays: 1 });
      assert.equal(strays(), 6, 'what is young may belong to somebody');
      const result = await finish({ home, clock: later, keepDays: 1 });
      if ('damaged' in result) assert.deepEqual(result.damaged, []);
      assert.equal(strays(), 0);
      assert.deepEqual(readdirSync(join(home, 'sources')).sort(), [`file-${digestHex(kept)}`, 'url-1.json']);
    }
  });
});

describe('a store', () => {
  it('keeps something in reserve, and says so when its database is none', async (t) => {
    const home = temporaryFolder(t);
    await (await openStore(home, Date.now)).close();
    assert.ok(existsSync(join(home, 'reserve')));
    writeFileSync(join(home, 'cache.db'), 'no database'.repeat(1000));
    await assert.rejects(openStore(home, Date.now), (error) => isFault(error, 'STORE_CORRUPT'));
    assert.deepEqual(readdirSync(join(home, 'tmp')), []);
  });
});
