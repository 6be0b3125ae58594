import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { replaceFile } from './replace-file.ts';

const folder = temporaryFolder();
after(() => rmSync(folder, { recursive: true }));

test('a file is replaced through a link, and keeps its mode', async () => {
  const path = join(folder, 'Dockerfile');
  writeFileSync(path, 'before');
  chmodSync(path, 0o640);
  symlinkSync('Dockerfile', join(folder, 'link'));
  await replaceFile(join(folder, 'link'), Buffer.from('before'), 'after');
  assert.equal(readFileSync(path, 'utf8'), 'after');
  assert.equal(statSync(path).mode & 0o7777, 0o640);
  assert.ok(lstatSync(join(folder, 'link')).isSymbolicLink());
});

test('what somebody else wrote meanwhile stays', async () => {
  const path = join(folder, 'other');
  writeFileSync(path, 'theirs');
  await assert.rejects(replaceFile(path, Buffer.from('before'), 'after'), { code: 'CONTEXT_CHANGED' });
  assert.equal(readFileSync(path, 'utf8'), 'theirs');
  await assert.rejects(replaceFile(join(folder, 'gone'), Buffer.from(''), 'x'), { code: 'FILE_ACCESS' });
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.onebuild')),
    [],
  );
});
