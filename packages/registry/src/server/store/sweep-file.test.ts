import assert from 'node:assert/strict';
import { existsSync, linkSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryRoot } from '../testing/open-registry.ts';
import { touchFile } from './file-steps.ts';
import { sweepFile } from './sweep-file.ts';

function oldFile() {
  const tmp = temporaryRoot();
  mkdirSync(tmp);
  const path = join(tmp, 'file');
  const make = () => {
    writeFileSync(path, 'content');
    utimesSync(path, 1, 1);
  };
  make();
  return { path, make, options: { tmp, before: Date.now() - 60_000, dryRun: false } };
}

test('a file that was renewed meanwhile stays, one that was not goes', async () => {
  const { path, make, options } = oldFile();
  const outcomes = new Set<boolean>();
  for (let at = 0; at < 400; at++) {
    make();
    const [, size] = await Promise.all([sweepFile(path, options), touchFile(path)]);
    assert.equal(existsSync(path), size !== undefined, `round ${at}`);
    outcomes.add(existsSync(path));
  }
  assert.ok(outcomes.has(true), 'both came at once');
});

test('a young file, one with other names, and all of them in a dry run stay', async () => {
  const { path, options } = oldFile();
  assert.equal(await sweepFile(path, { ...options, before: 0 }), undefined);
  assert.equal(await sweepFile(path, { ...options, dryRun: true }), 7);
  linkSync(path, `${path}-2`);
  assert.equal(await sweepFile(path, { ...options, onlyName: true }), undefined);
  assert.ok(existsSync(path));
  assert.equal(await sweepFile(path, options), 7);
  assert.equal(await sweepFile(path, options), undefined);
});
