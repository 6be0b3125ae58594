import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { buildFiles } from './build-files.fixture.ts';

const dockerfile = 'FROM scratch\nCOPY below /x/\nADD a.tar /x\n';

/** The context: a folder `below`, and an archive of members, each with the folder that tar takes it from. */
function context(below: (folder: string) => void, archive: (folder: string) => readonly string[][]) {
  return (folder: string) => {
    mkdirSync(join(folder, 'below'));
    below(join(folder, 'below'));
    const source = join(folder, 'source');
    mkdirSync(source);
    const tar = join(folder, 'a.tar');
    for (const members of archive(source)) execFileSync('tar', ['-rf', tar, ...members], { cwd: source });
  };
}

test('the archive says nothing of the folder that it is unpacked in', async (t) => {
  const files = await buildFiles(t, dockerfile, {
    fill: context(
      (below) => chmodSync(below, 0o755),
      (source) => {
        writeFileSync(join(source, 'a'), 'a');
        chmodSync(source, 0o2700);
        return [['.']];
      },
    ),
  });
  assert.equal(statSync(join(files, 'x')).mode & 0o7777, 0o755);
  assert.equal(readFileSync(join(files, 'x/a'), 'utf8'), 'a');
});

test('links on the way are followed inside the destination', async (t) => {
  const files = await buildFiles(t, dockerfile, {
    fill: context(
      (below) => symlinkSync('/real', join(below, 'old')),
      (source) => {
        for (const folder of ['old', 'one/new', 'two/new'])
          mkdirSync(join(source, folder), { recursive: true });
        writeFileSync(join(source, 'old/f'), 'f');
        symlinkSync('/etc', join(source, 'one/new/link'));
        mkdirSync(join(source, 'two/new/link'));
        writeFileSync(join(source, 'two/new/link/g'), 'g');
        return [['old/f'], ['-C', 'one', 'new/link'], ['-C', 'two', 'new/link/g']];
      },
    ),
  });
  assert.deepEqual(readdirSync(files), ['x']);
  assert.equal(readFileSync(join(files, 'x/real/f'), 'utf8'), 'f');
  assert.equal(readFileSync(join(files, 'x/etc/g'), 'utf8'), 'g');
});

test('a link that leads out of the destination, and a file in the way, are refused', async (t) => {
  const fill = context(
    (below) => symlinkSync('../real', join(below, 'old')),
    (source) => {
      mkdirSync(join(source, 'old'));
      writeFileSync(join(source, 'old/f'), 'f');
      return [['old/f']];
    },
  );
  const leadsOut = (error: unknown) => isFault(error, 'SOURCE_NOT_FOUND') && error.location !== undefined;
  await assert.rejects(buildFiles(t, dockerfile, { fill }), leadsOut);
  const overFile = 'FROM scratch\nCOPY a.tar /x\nADD a.tar /x\n';
  await assert.rejects(buildFiles(t, overFile, { fill }), leadsOut);
});
