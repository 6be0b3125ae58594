import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { removeTree } from './remove-tree.ts';

test('folders without permissions, links that lead out, paths longer than PATH_MAX', async (t) => {
  const folder = temporaryFolder(t);
  const tree = `${folder}/tree`;
  mkdirSync(`${tree}/locked/inside`, { recursive: true });
  writeFileSync(`${folder}/outside`, '');
  symlinkSync(folder, `${tree}/locked/out`);
  chmodSync(`${tree}/locked`, 0);
  const before = process.cwd();
  process.chdir(tree);
  for (let depth = 0; depth < 30; depth++) {
    mkdirSync('d'.repeat(200));
    process.chdir('d'.repeat(200));
  }
  process.chdir(before);
  await removeTree(tree);
  assert.ok(!existsSync(tree));
  assert.ok(existsSync(`${folder}/outside`));
  await removeTree(tree);
});
