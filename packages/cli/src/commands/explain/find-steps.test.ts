import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildRecord, RecordedStep } from '@onebuild/engine';
import { createPalette } from '../../display/palette.ts';
import { describeOutcome } from './describe-step.ts';
import { findSteps } from './find-steps.ts';
import { renderBuild, renderSteps } from './render-build.ts';

const step = (number: number, name: string, more: Partial<RecordedStep> = {}): RecordedStep => ({
  number,
  name,
  status: 'done',
  ms: 1500,
  ...more,
});

const record: BuildRecord = {
  started: Date.UTC(2026, 0, 31, 12),
  folder: '/src/shop',
  ok: true,
  targets: ['shop.web', 'shop.api', 'shop.db'],
  steps: [
    step(2, 'RUN make  all', {
      stage: 'builder',
      file: 'Dockerfile',
      line: 3,
      endLine: 5,
      why: 'file a changed',
    }),
    step(1, 'FROM debian:12', { stage: 'builder', file: 'Dockerfile', line: 1, status: 'cached' }),
    step(3, 'COPY 2 /', { stage: 'stage-1', targets: [0], file: 'docker/Dockerfile.web', line: 3 }),
    step(4, 'push registry.example.com/shop:1', { note: 'nothing to send' }),
  ],
};

describe('steps that a user means', () => {
  const numbers = (text: string) => findSteps(record, text).map(({ number }) => number);

  it('are found by number, place, stage, target and words, in this order', () => {
    assert.deepEqual(numbers('2'), [2]);
    assert.deepEqual(numbers('#3'), [3]);
    assert.deepEqual(numbers('Dockerfile:4'), [2]);
    assert.deepEqual(numbers('./docker/Dockerfile.web:3'), [3]);
    assert.deepEqual(numbers('Dockerfile.web:3'), [3]);
    assert.deepEqual(numbers('Builder'), [1, 2]);
    assert.deepEqual(numbers('shop.web'), [1, 2, 3], 'with what all share');
    assert.deepEqual(numbers('shop.api'), [1, 2]);
    assert.deepEqual(numbers('RUN make all'), [2]);
    assert.deepEqual(numbers('run MAKE'), [2]);
    assert.deepEqual(numbers('shop:1'), [4]);
    assert.deepEqual([numbers('5'), numbers('Dockerfile:9'), numbers('nothing')], [[], [], []]);
  });

  it('say in a sentence what became of them', () => {
    const told = (more: Partial<RecordedStep>, name = 'RUN x') => describeOutcome(step(1, name, more));
    assert.equal(told({ line: 1 }), 'ran for 1.5s: nothing of this context was built here before');
    assert.equal(told({ line: 1, why: 'file a changed' }), 'ran for 1.5s: file a changed');
    assert.equal(told({ status: 'failed', why: 'b' }), 'failed after 1.5s; it ran because: b');
    assert.equal(told({ status: 'canceled' }), 'was stopped after 1.5s');
    assert.equal(told({ note: 'nothing to send' }, 'push x'), 'ran for 1.5s (nothing to send)');
    assert.match(told({ status: 'cached' }), /^did not run: nothing that it looks at differs/);
    assert.equal(
      told({ status: 'cached', why: 'file a changed' }),
      'did not run: file a changed, but what comes out was there already',
    );
    assert.equal(told({ status: 'cached' }, 'FROM a'), 'did not run: a base is taken as it is');
  });

  it('are printed in the order of their numbers, cut to the columns', () => {
    const style = { palette: createPalette(false), columns: 60 };
    assert.deepEqual(renderBuild(record, style), [
      'Build of 2026-01-31 12:00:00 UTC, started in /src/shop: 4 steps, 3 ran, 1 cached',
      '#  STATUS  TIME  STEP                            WHY',
      '1  cached  1.5s  [builder] FROM debian:12',
      '2  ran     1.5s  [builder] RUN make all          file a cha…',
      '3  ran     1.5s  [stage-1] COPY 2 /              first buil…',
      '4  ran     1.5s  push registry.example.com/sho…  nothing to…',
    ]);
    const evil = step(1, 'RUN \u001b[2J', { file: '\u001b]0;x\u0007D', line: 1, why: 'a\u001b[1mb\nc' });
    assert.deepEqual(renderSteps({ ...record, folder: '/\u001b[2Jx' }, [evil], style).slice(1), [
      '',
      '#1 RUN',
      '   D:1',
      '   ran for 1.5s: ab c',
    ]);
  });
});
