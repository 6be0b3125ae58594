import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isUncached } from './is-uncached.ts';

const name = 'run apt-get  update && \\\n  apt-get install -y curl';

test('instructions are found by their text', () => {
  const found = (...steps: string[]) => isUncached({ stages: [], steps }, { stage: 'build', name });
  assert.ok(found('RUN apt-get update*'));
  assert.ok(found('*install*curl'));
  assert.ok(found('RUN apt-get update && apt-get install -y curl'));
  assert.ok(found('none', '*'));
  assert.ok(!found('RUN apt-get update'), 'without a star it is the whole text');
  assert.ok(!found('*curl*curl'), 'no letter counts twice');
  assert.ok(!found('RUN apt-get update*update*'));
  assert.ok(!found('apt-get update*'));
  assert.ok(!found());
});

test('all, or stages', () => {
  assert.ok(isUncached(true, { stage: undefined, name }));
  assert.ok(!isUncached(false, { stage: 'build', name }));
  assert.ok(isUncached({ stages: ['build'] }, { stage: 'build', name }));
  assert.ok(!isUncached({ stages: ['build'] }, { stage: undefined, name }));
});

test('a long pattern takes no long time', () => {
  const step = { stage: undefined, name: `RUN ${'a'.repeat(20_000)}` };
  assert.ok(!isUncached({ stages: [], steps: [`${'a*'.repeat(2000)}b`] }, step));
});
