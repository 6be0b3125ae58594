import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { O_PATH, openInside, trueName } from './open-inside.ts';

const leadsAway = (error: unknown) => (error as NodeJS.ErrnoException).code === 'ELOOP';

test('a path without links is opened, one with links is not', (t) => {
  const root = trueName(temporaryFolder(t));
  mkdirSync(`${root}/d/ \n(deleted)`, { recursive: true });
  writeFileSync(`${root}/d/ \n(deleted)/f`, 'text');
  const file = openInside(`${root}/d/ \n(deleted)/f`);
  assert.equal(readFileSync(file, 'utf8'), 'text');
  closeSync(file);
  closeSync(openInside(`${root}/d`, O_PATH | constants.O_DIRECTORY));
  symlinkSync('d', `${root}/link`);
  symlinkSync('f', `${root}/d/last`);
  assert.throws(() => openInside(`${root}/link/ \n(deleted)/f`), leadsAway);
  assert.throws(() => openInside(`${root}/d/last`), leadsAway);
  renameSync(`${root}/d`, `${root}/moved`);
  symlinkSync('moved', `${root}/d`);
  assert.throws(() => openInside(`${root}/d/ \n(deleted)/f`), leadsAway);
  assert.equal(trueName(`${root}/d/`), `${root}/moved`);
});

test('names that are no UTF-8', (t) => {
  const root = trueName(temporaryFolder(t));
  const name = Buffer.concat([Buffer.from(`${root}/`), Buffer.from([0x66, 0xff])]);
  writeFileSync(name, 'x');
  closeSync(openInside(`${root}/f\udcff`));
});

test('a pipe does not block', { timeout: 10_000 }, (t) => {
  const root = trueName(temporaryFolder(t));
  execFileSync('mkfifo', [`${root}/pipe`]);
  closeSync(openInside(`${root}/pipe`));
});
