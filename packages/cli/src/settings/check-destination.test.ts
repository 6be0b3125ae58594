import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isFault } from '@onebuild/core';
import { checkDestination } from './check-destination.ts';

const folder = mkdtempSync(join(tmpdir(), 'onebuild-destination-'));
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(folder, 'sub'));
writeFileSync(join(folder, 'file'), '');

test('what can be written passes, also where folders have to be made first', () => {
  for (const [path, kind] of [
    ['file', 'file'],
    ['new', 'file'],
    ['a/b/new', 'file'],
    ['sub', 'folder'],
    ['a/b', 'folder'],
  ] as const) {
    checkDestination(join(folder, path), '--output', kind);
  }
  checkDestination('/dev/null', '--output', 'file');
});

test('what cannot be written is named', () => {
  for (const [path, kind] of [
    [join(folder, 'sub'), 'file'],
    [join(folder, 'file'), 'folder'],
    [join(folder, 'file/below'), 'file'],
    [join(folder, 'file/below/deeper'), 'folder'],
    ['/proc/nothing/here', 'file'],
    ['/sys/nothing', 'folder'],
  ] as const) {
    assert.throws(
      () => checkDestination(path, '--output', kind),
      (error) => isFault(error, 'FILE_ACCESS') && error.message.startsWith('--output: '),
      path,
    );
  }
});
