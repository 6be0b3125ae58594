import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorCatalog, fault } from '@onebuild/core';
import { exitCodeMeanings, exitCodeOf, exitCodes } from './exit-code.ts';

test('every kind of error has an exit code of its own', () => {
  const kinds = new Set(Object.values(errorCatalog).map((entry) => entry.kind));
  for (const kind of kinds) assert.ok(exitCodes[kind] > 0 && exitCodes[kind] < 256, kind);
  assert.equal(new Set(Object.values(exitCodes)).size, Object.keys(exitCodes).length);
  assert.deepEqual(Object.keys(exitCodeMeanings).sort(), Object.keys(exitCodes).sort());
});

test('codes that scripts rely on', () => {
  const codes = ['STEP_FAILED', 'USAGE', 'DOCKERFILE_PARSE', 'CANCELED', 'INTERNAL'] as const;
  assert.deepEqual(
    codes.map((code) => exitCodeOf(fault(code, 'x'))),
    [1, 2, 3, 130, 70],
  );
  assert.equal(exitCodeOf(new Error('x')), 70);
});
