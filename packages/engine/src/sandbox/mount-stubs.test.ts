import assert from 'node:assert/strict';
import { chmodSync, existsSync, lstatSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { type CleansUp, requirePart, temporaryFolder } from '@onebuild/testkit';
import { loadPosix } from '../posix/posix.ts';
import { createOverlayMarks } from '../snapshot/overlay-marks.ts';
import { removeMountStubs, resolveMountTargets } from './mount-stubs.ts';

const isRoot = process.getuid?.() === 0;
const rootNeeded = 'overlay marks need root';
const marks = createOverlayMarks(await loadPosix(), { rootless: false });

function makeRoot(t: CleansUp) {
  const folder = temporaryFolder(t);
  for (const name of ['one', 'two', 'upper', 'work']) mkdirSync(`${folder}/${name}`);
  const root = {
    lowers: [`${folder}/one`, `${folder}/two`],
    upper: `${folder}/upper`,
    work: `${folder}/work`,
  };
  return { folder, root };
}

test('what is there in any layer needs no stub; links stay inside', (t) => {
  const { folder, root } = makeRoot(t);
  mkdirSync(`${folder}/one/run/lock`, { recursive: true });
  mkdirSync(`${folder}/two/var`);
  symlinkSync('/run', `${folder}/two/var/run`);
  symlinkSync('../../../../run/resolve/stub', `${folder}/upper/conf`);
  symlinkSync('loop', `${folder}/upper/loop`);
  const { targets, stubs } = resolveMountTargets(
    root,
    ['/run/lock', '/var/run/lock/a', '/conf', '/new/deep', '/../run'],
    marks,
  );
  assert.deepEqual(targets, ['/run/lock', '/run/lock/a', '/run/resolve/stub', '/new/deep', '/run']);
  assert.deepEqual(
    new Set(stubs),
    new Set(['new', 'new/deep', 'run/lock/a', 'run/resolve', 'run/resolve/stub']),
  );
  assert.throws(
    () => resolveMountTargets(root, ['/loop'], marks),
    (error) => isFault(error, 'SANDBOX_FAILED'),
  );
});

test('what a higher layer hides is not there', (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { folder, root } = makeRoot(t);
  for (const name of ['gone', 'opaque/inner', 'file'])
    mkdirSync(`${folder}/one/${name}`, { recursive: true });
  marks.makeWhiteout(`${folder}/two/gone`);
  mkdirSync(`${folder}/two/opaque`);
  marks.makeOpaque(`${folder}/two/opaque`);
  mkdirSync(`${folder}/two/file`);
  marks.makeWhiteout(`${folder}/upper/file`);
  const { stubs } = resolveMountTargets(root, ['/gone', '/opaque/inner', '/file'], marks);
  assert.deepEqual(new Set(stubs), new Set(['gone', 'opaque/inner', 'file']));
});

test('stubs go when nobody changed them', (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { root } = makeRoot(t);
  const { upper } = root;
  for (const name of ['a/b', 'c/d', 'e', 'f/g']) mkdirSync(`${upper}/${name}`, { recursive: true });
  writeFileSync(`${upper}/a/b/file`, '');
  writeFileSync(`${upper}/a/full`, 'x');
  chmodSync(`${upper}/e`, 0o700);
  chmodSync(`${upper}/f`, 0o1755);
  removeMountStubs(upper, [
    'a',
    'c',
    'e',
    'f',
    'a/b',
    'c/d',
    'f/g',
    'none',
    'a/full',
    'a/b/file',
    'none/deep',
  ]);
  assert.ok(!existsSync(`${upper}/a/b`) && existsSync(`${upper}/a/full`) && existsSync(`${upper}/e`));
  assert.ok(!existsSync(`${upper}/c`) && !existsSync(`${upper}/f`));
});

test('folders that every image has stay', (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { root } = makeRoot(t);
  mkdirSync(`${root.upper}/proc`);
  chmodSync(`${root.upper}/proc`, 0o1755);
  removeMountStubs(root.upper, ['proc', 'sys']);
  assert.equal(lstatSync(`${root.upper}/proc`).mode & 0o7777, 0o755);
});

test('links that the command put there are not followed', (t) => {
  if (!requirePart(t, isRoot, rootNeeded)) return;
  const { folder, root } = makeRoot(t);
  mkdirSync(`${folder}/host/empty`, { recursive: true });
  writeFileSync(`${folder}/host/file`, '');
  for (const link of ['../host', `${folder}/host`]) {
    symlinkSync(link, `${root.upper}/run`);
    symlinkSync(`${link}/empty`, `${root.upper}/direct`);
    removeMountStubs(root.upper, ['run', 'direct', 'run/empty', 'run/file']);
    assert.ok(existsSync(`${folder}/host/empty`) && existsSync(`${folder}/host/file`));
    rmSync(`${root.upper}/run`);
    rmSync(`${root.upper}/direct`);
  }
});
