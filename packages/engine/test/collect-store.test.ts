import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { build, collectStore, storeUsage, verifyStore } from '@onebuild/engine';
import { requireBusybox, requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { openBusyboxBench } from './busybox-bench.ts';

const day = 86_400_000;
const start = Date.UTC(2026, 0, 1);

const bench = await openBusyboxBench();
const { scratch, registry, base } = bench;
after(() => bench.close());

describe('what is collected from a store', () => {
  /** Builds as on that day; gives how many steps ran. */
  async function buildOn(home: string, name: string, at: number): Promise<number> {
    const Dockerfile = `FROM ${base}\nRUN head -c 1000000 /dev/zero > /${name}\nRUN true\n`;
    const options = testBuildOptions({
      home,
      registry,
      context: { type: 'folder', path: join(scratch, 'busybox-root') },
      dockerfile: { name: 'Dockerfile', text: Dockerfile },
      clock: () => start + at * day,
    });
    await build(options);
    const [last] = options.events.filter((event) => event.type === 'build.finished');
    assert.ok(last?.ok);
    return last.ran;
  }

  it('by days, by size, or all; what is kept is whole', async (t) => {
    if (!requireBusybox(t) || !requireProgram(t, 'crun', 'apt-get install crun')) return;
    const home = join(scratch, 'home');
    const clock = () => start + 10 * day;
    await buildOn(home, 'old', 0);
    await buildOn(home, 'new', 9);
    const { size } = await storeUsage({ home, clock });

    const planned = await collectStore({ home, clock, keepDays: 5, dryRun: true });
    assert.equal((await storeUsage({ home, clock })).size, size, 'a dry run removes nothing');
    const byDays = await collectStore({ home, clock, keepDays: 5 });
    assert.deepEqual(byDays, planned);
    assert.equal(byDays.removedSize + byDays.keptSize, size);
    assert.ok(byDays.removed.some(({ kind }) => kind === 'layer'));
    assert.deepEqual((await verifyStore({ home, clock })).damaged, []);
    assert.equal(await buildOn(home, 'new', 9), 0, 'what is younger is still cached');
    assert.deepEqual((await collectStore({ home, clock, keepDays: 5 })).removed, []);
    assert.ok((await buildOn(home, 'old', 10)) > 0, 'what is older runs again');

    const before = (await storeUsage({ home, clock })).size;
    const later = () => start + 11 * day;
    const bySize = await collectStore({ home, clock: later, keepBytes: before - 1_000_000 });
    assert.ok(bySize.keptSize <= before - 1_000_000);
    assert.equal((await storeUsage({ home, clock })).size, bySize.keptSize);
    assert.deepEqual((await verifyStore({ home, clock })).damaged, []);
    assert.equal(await buildOn(home, 'old', 11), 0, 'the most recent stays');
    assert.ok((await buildOn(home, 'new', 11)) > 0);
    assert.deepEqual(
      (await collectStore({ home, clock: () => start + 12 * day, keepBytes: 1e12 })).removed,
      [],
    );

    const all = await collectStore({ home, clock: () => start + 13 * day });
    assert.equal(all.keptSize, 0);
    assert.equal((await storeUsage({ home, clock })).size, 0);
  });
});
