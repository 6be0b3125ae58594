import assert from 'node:assert/strict';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import type { BuildEvent, StepId } from '@onebuild/core';
import { temporaryFolder } from '@onebuild/testkit';
import { openStore } from '../store/store.ts';
import { createBuildRecorder, lastBuild } from './build-record.ts';

describe('records of builds', () => {
  const scratch = temporaryFolder();
  after(() => rmSync(scratch, { recursive: true, force: true }));

  it('are kept for the last twenty builds of a store, and found by folder', async () => {
    const home = join(scratch, 'home');
    const store = await openStore(home, Date.now);
    for (let started = 1; started <= 25; started++) {
      createBuildRecorder(started, started % 5 === 0 ? '/five' : undefined).save(store, true);
    }
    await store.close();
    const started = async (options?: Parameters<typeof lastBuild>[2]) =>
      (await lastBuild(home, Date.now, options))?.started;
    assert.equal(await started(), 25);
    assert.equal(await started({ back: 19 }), 6);
    assert.equal(await started({ back: 20 }), undefined);
    assert.deepEqual(
      [await started({ folder: '/five' }), await started({ folder: '/five', back: 3 })],
      [25, 10],
    );
    assert.equal(await started({ folder: '/other', back: 1 }), 24, 'the last ones at all');
  });

  it('are looked for without making a store', async () => {
    assert.equal(await lastBuild(join(scratch, 'none'), Date.now), undefined);
    assert.equal(existsSync(join(scratch, 'none')), false);
  });

  it('count steps as displays do, and hold no more than they may', async () => {
    const home = join(scratch, 'many');
    const recorder = createBuildRecorder(0);
    const hear = (event: Record<string, unknown>) =>
      recorder.hear({ time: 0, ...event } as unknown as BuildEvent);
    for (let at = 1; at <= 2100; at++) {
      hear({ type: 'step.started', step: `${at}` as StepId, name: 'x'.repeat(5000) });
    }
    for (let at = 2100; at > 0; at--) {
      hear({ type: 'step.finished', step: `${at}` as StepId, status: 'done', ms: at, why: 'y'.repeat(5000) });
    }
    const store = await openStore(home, Date.now);
    recorder.save(store, false);
    await store.close();
    const { steps = [], ok } = (await lastBuild(home, Date.now)) ?? {};
    assert.deepEqual([ok, steps.length, steps[0]?.number, steps[0]?.ms], [false, 2000, 2000, 2000]);
    assert.deepEqual([steps[0]?.name.length, steps[0]?.why?.length], [600, 600]);
  });
});
