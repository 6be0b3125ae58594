import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { requireProgram } from '@onebuild/testkit';
import { type CacheBench, cacheFrom, cacheTo, openCacheBench } from './cache-bench.ts';

describe('a step that was run anew', () => {
  let bench: CacheBench;

  before(async () => {
    bench = await openCacheBench();
  });
  after(() => bench.close());

  const text = () =>
    `FROM ${bench.base}\nRUN cat /proc/sys/kernel/random/uuid > /id\nRUN wc -c < /id > /size\n`;

  for (const [how, options] of [
    ['without a cache', () => ({ noCache: true })],
    ['with the cache, but for this step', () => ({ noCache: { stages: [], steps: ['RUN cat*'] } })],
  ] as const) {
    it(`is what others take from now on: ${how}`, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      const at = bench.place();
      await bench.run({ '': { text: text(), cacheTo: cacheTo(at) } });
      // whichever way the digests fall
      for (let turn = 0; turn < 4; turn++) {
        const both = { cacheFrom: cacheFrom(at), cacheTo: cacheTo(at), ...options() };
        const anew = await bench.run({ '': { text: text(), ...both } });
        assert.ok(anew.done.some((step) => step.startsWith('RUN cat')));
        const fresh = await bench.run({ '': { text: text(), cacheFrom: cacheFrom(at) } });
        assert.deepEqual([fresh.done, fresh.warnings], [[], []]);
        assert.deepEqual(fresh.targets, anew.targets, `turn ${turn}`);
      }
    });
  }

  it('is what a cache holds; stores that have a result of their own leave it there', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = bench.place();
    const [one, other] = [
      await bench.run({ '': { text: text() } }),
      await bench.run({ '': { text: text() } }),
    ];
    assert.notDeepEqual(one.targets, other.targets);
    for (const { home, targets } of [one, other, one]) {
      const again = await bench.run({ '': { text: text(), cacheTo: cacheTo(at) } }, { home });
      assert.deepEqual([again.targets, again.warnings], [targets, []]);
    }
    const fresh = await bench.run({ '': { text: text(), cacheFrom: cacheFrom(at) } });
    assert.deepEqual([fresh.done, fresh.targets], [[], one.targets]);
  });
});
