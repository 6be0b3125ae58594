import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { parseBytes, parseCpus, parseWhole } from './amounts.ts';

test('sizes as Docker writes them', () => {
  const sizes = ['0', '512', '1k', '64m', '64MiB', '1.5g', '2 GB', '1t'];
  assert.deepEqual(
    sizes.map((text) => parseBytes(text, '-m')),
    [0, 512, 1024, 2 ** 26, 2 ** 26, 1.5 * 2 ** 30, 2 ** 31, 2 ** 40],
  );
});

test('what is no amount is refused', () => {
  const refuse = (parse: () => number): void => assert.throws(parse, (error) => isFault(error, 'USAGE'));
  for (const text of ['', '-1', '1x', 'm', '1e9', '9'.repeat(30)]) refuse(() => parseBytes(text, '-m'));
  for (const text of ['', '0', '-1', 'two', '.']) refuse(() => parseCpus(text, '--cpus'));
  for (const text of ['', '0', '1.5', '-1']) refuse(() => parseWhole(text, '--jobs', 1));
  assert.deepEqual(
    [parseCpus('.5', '--cpus'), parseCpus('2', '--cpus'), parseWhole('7', '--jobs')],
    [0.5, 2, 7],
  );
});
