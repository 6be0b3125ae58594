import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseReference } from '@onebuild/oci';
import { collectOutputs } from './collect-outputs.ts';

const tags = [parseReference('localhost/app:1')];
const collect = (flags: { output?: string[]; push?: boolean; load?: boolean }, names = tags) =>
  collectOutputs({ output: [], ...flags }, { cwd: '/w', tags: names, stdout: new PassThrough(), warn() {} });

test('--push, --load and --output together', () => {
  const push = { type: 'push', names: tags };
  const load = { type: 'load', engine: 'auto' };
  assert.deepEqual(collect({}).outputs, [{ type: 'store' }]);
  assert.deepEqual(collect({ push: true }).outputs, [push]);
  assert.deepEqual(collect({ load: true }).outputs, [load]);
  assert.deepEqual(collect({ push: true, load: true }).outputs, [push, load]);
  assert.deepEqual(collect({ push: true, output: ['out'] }).outputs, [
    { type: 'local', dest: '/w/out' },
    push,
  ]);
  assert.deepEqual(collect({ push: true, output: ['type=image,compression=zstd'] }).outputs, [
    { ...push, layers: { compression: 'zstd' } },
  ]);
  assert.deepEqual(collect({ push: true, output: ['type=registry'] }).outputs, [push]);
});

test('what cannot be is refused', () => {
  assert.throws(
    () => collect({ push: true }, []),
    (error) => isFault(error, 'USAGE'),
  );
  assert.throws(
    () => collect({ output: ['-', 'type=oci'] }),
    (error) => isFault(error, 'OUTPUT_INVALID'),
  );
  assert.equal(collect({ output: ['-'] }).usesStdout, true);
});
