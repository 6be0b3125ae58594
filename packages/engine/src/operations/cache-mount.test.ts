import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { temporaryFolder } from '@onebuild/testkit';
import { readMountRecord } from '../freshness/mount-record.ts';
import { acquireCacheMount, mountName } from './cache-mount.ts';
import { cacheMount, mountServices, stepContext } from './mount-services.fixture.ts';
import type { OperationServices } from './operation-services.ts';
import type { TravellingMounts } from './travelling-mounts.ts';

async function servicesFor(
  t: TestContext,
  mounts?: TravellingMounts,
  home = join(temporaryFolder(t), 'home'),
) {
  const services = await mountServices(home, mounts);
  t.after(() => services.store.close());
  return services;
}

async function acquire(services: OperationServices, mount = cacheMount('shared'), signal?: AbortSignal) {
  const context = stepContext(signal);
  return acquireCacheMount(services, mount, { name: await mountName(mount, context), context });
}

/** A hook whose `restore` makes half of it, and the rest when it may. */
function slowHook() {
  const half = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<boolean>();
  rest.promise.catch(() => undefined);
  let restored = 0;
  const used: string[] = [];
  const hook: TravellingMounts = {
    async restore(_mount, _name, temp) {
      restored++;
      writeFileSync(join(temp, 'one'), 'one');
      half.resolve();
      const result = await rest.promise;
      writeFileSync(join(temp, 'two'), 'two');
      return result;
    },
    used: (_mount, name) => void used.push(name),
    known: () => undefined,
    save: async () => undefined,
  };
  return { hook, half: half.promise, rest, restored: () => restored, used };
}

for (const sharing of ['shared', 'locked'] as const) {
  test(`two steps that need one missing mount (${sharing}) restore it once and see all of it`, async (t) => {
    const slow = slowHook();
    const services = await servicesFor(t, slow.hook);
    const seen: string[][] = [];
    const step = async () => {
      const cache = await acquire(services, cacheMount(sharing));
      seen.push(readdirSync(cache.folder));
      await cache.release();
    };
    const steps = [step(), step(), step()];
    await slow.half;
    for (let turn = 0; turn < 50; turn++) await setImmediate();
    assert.deepEqual(seen, []);
    slow.rest.resolve(true);
    await Promise.all(steps);
    assert.deepEqual(seen, Array(3).fill(['one', 'two']));
    assert.equal(slow.restored(), 1);
    await step();
    assert.equal(slow.restored(), 1, 'it is there');
    const name = await mountName(cacheMount(sharing), stepContext());
    assert.ok(!readMountRecord(services.store.db, name).isComplete, 'the hook has set the record');
  });
}

test('where there is nothing to restore, the mount is made as if nobody had asked', async (t) => {
  const slow = slowHook();
  slow.rest.resolve(false);
  const services = await servicesFor(t, slow.hook);
  const { folder } = await acquire(services);
  assert.deepEqual(readdirSync(folder), []);
  assert.equal(statSync(folder).mode & 0o7777, 0o750);
  assert.ok(
    readMountRecord(services.store.db, await mountName(cacheMount('shared'), stepContext())).isComplete,
  );
});

test('a restore that fails leaves nothing, and the next one begins anew', async (t) => {
  const slow = slowHook();
  const services = await servicesFor(t, slow.hook);
  slow.rest.reject(new Error('connection lost'));
  await assert.rejects(acquire(services), /connection lost/);
  assert.deepEqual(readdirSync(services.store.mountsDir), []);
  assert.deepEqual(readdirSync(services.store.temp), []);
  await assert.rejects(acquire(services), /connection lost/);
  assert.equal(slow.restored(), 2);
});

test('whoever waits for a mount that another step restores can be stopped', async (t) => {
  const slow = slowHook();
  const services = await servicesFor(t, slow.hook);
  const first = acquire(services);
  await slow.half;
  const stop = new AbortController();
  const second = acquire(services, cacheMount('shared'), stop.signal);
  stop.abort(new Error('stopped'));
  await assert.rejects(second);
  slow.rest.resolve(true);
  assert.deepEqual(readdirSync((await first).folder), ['one', 'two']);
});

test('a folder that is there but not in the accounts stays as it is', async (t) => {
  const slow = slowHook();
  const services = await servicesFor(t, slow.hook);
  slow.rest.resolve(true);
  const { folder } = await acquire(services);
  writeFileSync(join(folder, 'three'), '');
  const [item] = services.store.db.items();
  assert.ok(item);
  services.store.db.condemn({ ...item, used: Date.now() + 1000 });
  assert.deepEqual(readdirSync((await acquire(services)).folder), ['one', 'three', 'two']);
  services.store.db.condemn({ ...item, used: Date.now() + 1000 });
  services.store.db.drop(item);
  assert.deepEqual(readdirSync((await acquire(services)).folder), ['one', 'three', 'two']);
  assert.equal(slow.restored(), 1);
});

test('a mount that was used is told; not one that cannot be written, nor a second place', async (t) => {
  const slow = slowHook();
  slow.rest.resolve(true);
  const services = await servicesFor(t, slow.hook);
  const name = await mountName(cacheMount('shared'), stepContext());
  (await acquire(services)).used();
  assert.deepEqual(slow.used, [name]);
  (await acquire(services, cacheMount('shared', true))).used();
  const first = await acquire(services, cacheMount('private'));
  const second = await acquire(services, cacheMount('private'));
  assert.notEqual(first.folder, second.folder);
  assert.deepEqual(readdirSync(second.folder), []);
  second.used();
  assert.deepEqual(slow.used, [name]);
  first.used();
  assert.deepEqual(slow.used, [name, name]);
});

const url = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);

/** Another process that restores the mount of the store at `home`: says `half`, and goes on when it is told something. */
function otherProcess(t: TestContext, home: string): ChildProcess {
  const script = `
    import { once } from 'node:events';
    import { writeFileSync } from 'node:fs';
    import { acquireCacheMount, mountName } from ${url('./cache-mount.ts')};
    import { cacheMount, mountServices, stepContext } from ${url('./mount-services.fixture.ts')};
    const mount = cacheMount('shared');
    const context = stepContext();
    const services = await mountServices(${JSON.stringify(home)}, {
      async restore(mount, name, temp) {
        writeFileSync(temp + '/one', 'other');
        console.log('half');
        await once(process.stdin, 'data');
        writeFileSync(temp + '/two', 'other');
        return true;
      },
      used() {},
    });
    await acquireCacheMount(services, mount, { name: await mountName(mount, context), context });
    process.exit();
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  t.after(() => child.kill('SIGKILL'));
  return child;
}

test('two processes that need one missing mount restore it once', async (t) => {
  const home = join(temporaryFolder(t), 'home');
  const slow = slowHook();
  const services = await servicesFor(t, slow.hook, home);
  const child = otherProcess(t, home);
  assert.ok(child.stdout && child.stdin);
  await once(child.stdout, 'data');
  const acquired = acquire(services);
  for (let turn = 0; turn < 50; turn++) await setImmediate();
  assert.deepEqual(readdirSync(services.store.mountsDir), []);
  child.stdin.write('go on');
  const { folder } = await acquired;
  assert.equal(readFileSync(join(folder, 'two'), 'utf8'), 'other');
  assert.equal(slow.restored(), 0);
});

test('a process that is killed while it restores a mount leaves none, and nobody waits for it', async (t) => {
  const home = join(temporaryFolder(t), 'home');
  const slow = slowHook();
  slow.rest.resolve(true);
  const services = await servicesFor(t, slow.hook, home);
  const child = otherProcess(t, home);
  assert.ok(child.stdout);
  await once(child.stdout, 'data');
  const acquired = acquire(services);
  child.kill('SIGKILL');
  await once(child, 'exit');
  const { folder } = await acquired;
  assert.equal(readFileSync(join(folder, 'one'), 'utf8'), 'one');
  assert.ok(existsSync(join(folder, 'two')));
});
