import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { isFault } from '@onebuild/core';
import { digestOf } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { collectStore } from './collect-store.ts';
import { isOwnerAlive, processOwner } from './process-owner.ts';
import { openStore, type Store } from './store.ts';
import { storeUsage } from './store-usage.ts';
import { verifyStore } from './verify-store.ts';

async function putBlob(store: Store, text: string) {
  const writer = await store.blobs.create();
  await writer.write(Buffer.from(text));
  return writer.commit();
}

describe('store', () => {
  it('shows a blob only when it is whole and right', async (t) => {
    const store = await openStore(temporaryFolder(t), Date.now);
    const digest = digestOf('hello');
    const writer = await store.blobs.create();
    await writer.write(Buffer.from('hello'));
    assert.equal(await store.blobs.size(digest), undefined);
    await writer.commit({ digest, size: 5 });
    assert.equal(await store.blobs.size(digest), 5);
    const wrong = await store.blobs.create();
    await wrong.write(Buffer.from('other'));
    await assert.rejects(wrong.commit({ digest }), (error) => isFault(error, 'DIGEST_MISMATCH'));
    await assert.rejects(store.blobs.read(digestOf('other')), (error) => isFault(error, 'BLOB_NOT_FOUND'));
    assert.deepEqual(readdirSync(store.temp), []);
    await store.close();
    assert.deepEqual(readdirSync(join(store.home, 'tmp')), []);
  });

  it('removes what dead processes left, not what live ones have', async (t) => {
    const home = temporaryFolder(t);
    const child = spawn('sleep', ['60']);
    const owner = processOwner(child.pid ?? 0).replace(':', '-');
    mkdirSync(join(home, 'tmp', `${owner}-live`), { recursive: true });
    mkdirSync(join(home, 'tmp', `${process.pid}-1-dead`, 'deep'), { recursive: true });
    await (await openStore(home, Date.now)).close();
    assert.deepEqual(readdirSync(join(home, 'tmp')), [`${owner}-live`]);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await (await openStore(home, Date.now)).close();
    assert.deepEqual(readdirSync(join(home, 'tmp')), []);
  });

  it('leaves its log to the next process where this one exits, while the log is short', (t) => {
    const home = temporaryFolder(t);
    const log = join(home, 'cache.db-wal');
    const run = (text: string) => {
      const script = `import { openStore } from ${JSON.stringify(new URL('store.ts', import.meta.url).href)};
        const store = await openStore(${JSON.stringify(home)}, Date.now);
        process.stdout.write(String(store.db.fact('test', 'a')?.length));
        store.db.setFact('test', 'a', ${text});
        await store.close({ exiting: true });
        process.exit(0);`;
      const options = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script];
      const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' });
      assert.equal(stderr, '');
      return stdout;
    };
    assert.equal(run("'abc'"), 'undefined');
    assert.ok(existsSync(log));
    assert.equal(run("'x'.repeat(2 ** 21)"), '3');
    assert.ok(!existsSync(log));
    assert.equal(run("'abc'"), String(2 ** 21));
  });

  it('gives a lock to one holder, and takes it from a dead one', async (t) => {
    const store = await openStore(temporaryFolder(t), Date.now);
    const { db } = store;
    assert.ok(db.tryLock('x', 'a', () => true));
    assert.ok(!db.tryLock('x', 'b', () => true));
    assert.ok(db.tryLock('x', 'b', () => false));
    db.unlock('x', 'a');
    assert.ok(!db.tryLock('x', 'a', () => true));
    assert.ok(isOwnerAlive(store.owner));
    assert.ok(!isOwnerAlive(`${process.pid}:1`));
    await store.close();
  });

  it('collects the least recently used first, down to a size, by age, or everything', async (t) => {
    const home = temporaryFolder(t);
    let now = Date.parse('2026-01-01T00:00:00Z');
    const clock = () => now;
    const texts = ['a'.repeat(1000), 'b'.repeat(1000), 'c'.repeat(1000)];
    for (const text of texts) {
      const store = await openStore(home, clock);
      await putBlob(store, text);
      await store.close();
      now += 86_400_000;
    }
    const left = () => readdirSync(join(home, 'blobs', 'sha256')).length;
    const tried = await collectStore({ home, clock, keepBytes: 2500, dryRun: true });
    assert.deepEqual([tried.removed.map(({ id }) => id), left()], [[digestOf(texts[0] ?? '')], 3]);
    await collectStore({ home, clock, keepBytes: 2500 });
    assert.equal(left(), 2);
    assert.equal((await storeUsage({ home, clock })).size, 2000);
    await collectStore({ home, clock, keepDays: 1.5 });
    assert.equal(left(), 1);
    await collectStore({ home, clock });
    assert.equal(left(), 0);
  });

  it('keeps what a running build has used', async (t) => {
    const home = temporaryFolder(t);
    let now = 1_000_000;
    const clock = () => now;
    const old = await openStore(home, clock);
    const first = await putBlob(old, 'first');
    await putBlob(old, 'second');
    await old.close();
    now += 1000;
    const child = spawn('sleep', ['60']);
    t.after(() => child.kill('SIGKILL'));
    const store = await openStore(home, clock);
    store.db.tryLock(`lease:${String(now).padStart(15, '0')}:x`, processOwner(child.pid ?? 0), isOwnerAlive);
    now += 1000;
    await store.blobs.size(first.digest);
    await store.close();
    now += 1_000_000;
    await collectStore({ home, clock });
    assert.ok(existsSync(join(home, 'blobs', 'sha256', first.digest.slice(7))));
    assert.equal(readdirSync(join(home, 'blobs', 'sha256')).length, 1);
  });

  it('finds damage and removes it', async (t) => {
    const home = temporaryFolder(t);
    const store = await openStore(home, Date.now);
    const { digest } = await putBlob(store, 'content');
    await putBlob(store, 'whole');
    writeFileSync(store.blobs.path(digest), 'changed');
    await store.close();
    const { checked, damaged } = await verifyStore({ home, clock: Date.now });
    assert.deepEqual([checked, damaged.map(({ id }) => id)], [2, [digest]]);
    assert.equal((await verifyStore({ home, clock: Date.now })).damaged.length, 0);
    assert.ok(!existsSync(join(home, 'blobs', 'sha256', digest.slice(7))));
  });

  it('refuses a store of a newer version', async (t) => {
    const home = temporaryFolder(t);
    const store = await openStore(home, Date.now);
    await store.close();
    const { DatabaseSync } = await import('node:sqlite');
    const db = new DatabaseSync(join(home, 'cache.db'));
    db.exec('PRAGMA user_version=99');
    db.close();
    await assert.rejects(openStore(home, Date.now), (error) => isFault(error, 'STORE_VERSION'));
  });
});

describe('a new store', () => {
  it('can be opened by many processes in one moment', async (t) => {
    const home = temporaryFolder(t);
    const script = `
      import { openStore } from ${JSON.stringify(new URL('./store.ts', import.meta.url).href)};
      const store = await openStore(${JSON.stringify(home)}, Date.now);
      await store.close();`;
    const open = async () => {
      const child = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let words = '';
      child.stderr.on('data', (chunk) => {
        words += String(chunk);
      });
      const [code] = (await once(child, 'close')) as [number];
      return code === 0 ? '' : words;
    };
    const failures = await Promise.all(Array.from({ length: 8 }, open));
    assert.deepEqual(
      failures.filter((words) => words !== ''),
      [],
    );
  });
});
