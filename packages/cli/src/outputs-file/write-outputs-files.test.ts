import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { temporaryFolder } from '@onebuild/testkit';
import { checkOutputsFiles } from './find-outputs-files.ts';
import { sampleDigest, sampleTarget } from './sample-report.fixture.ts';
import { writeOutputsFiles } from './write-outputs-files.ts';

const report = {
  targets: [sampleTarget({ name: '' }, ['app:1'])],
  sharing: { separateMs: 1, ms: 1 },
};
const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
const digest = sampleDigest('1');
const text = `imageName=app:1\nimageDigest=${digest}\namd64ImageName=app:1\namd64ImageDigest=${digest}\n`;

test('files are replaced, folders above them made; the name decides on the form', async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'old.env'), 'something much longer than it will be'.repeat(100), { mode: 0o600 });
  const paths = ['old.env', 'a/b/new.env', 'new.json', './new.json'];
  checkOutputsFiles({ env: {}, cwd }, paths);
  await writeOutputsFiles({ env: {}, cwd, ...streams }, paths, report);
  assert.equal(readFileSync(join(cwd, 'old.env'), 'utf8'), text);
  assert.equal(statSync(join(cwd, 'old.env')).mode & 0o777, 0o600);
  assert.equal(readFileSync(join(cwd, 'a/b/new.env'), 'utf8'), text);
  assert.equal(JSON.parse(readFileSync(join(cwd, 'new.json'), 'utf8')).outputs.imageName, 'app:1');
  assert.deepEqual(readdirSync(cwd).sort(), ['a', 'new.json', 'old.env'], 'nothing is left beside them');
});

test('the files of GitHub Actions are added to', async (t) => {
  const cwd = temporaryFolder(t);
  writeFileSync(join(cwd, 'output'), 'before=1');
  writeFileSync(join(cwd, 'env'), 'BEFORE=1\n');
  const env = { GITHUB_OUTPUT: join(cwd, 'output'), GITHUB_ENV: 'env' };
  const paths = [join(cwd, 'output'), 'env', 'other'];
  writeFileSync(join(cwd, 'other'), 'before=1\n');
  checkOutputsFiles({ env, cwd }, paths);
  await writeOutputsFiles({ env, cwd, ...streams }, paths, report);
  assert.equal(readFileSync(join(cwd, 'output'), 'utf8'), `before=1\n${text}`);
  assert.equal(readFileSync(join(cwd, 'env'), 'utf8'), `BEFORE=1\n${text}`);
  assert.equal(readFileSync(join(cwd, 'other'), 'utf8'), text);
});

test('a shell reads the lines as variables', async (t) => {
  const cwd = temporaryFolder(t);
  await writeOutputsFiles({ env: {}, cwd, ...streams }, ['images.env'], report);
  const said = execFileSync('sh', ['-c', '. ./images.env; echo "$amd64ImageName@$amd64ImageDigest"'], {
    cwd,
  });
  assert.equal(String(said), `app:1@${digest}\n`);
});

test('links stay links, and pipes and devices what they are', async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'real'));
  writeFileSync(join(cwd, 'real/file'), 'old');
  symlinkSync('real/file', join(cwd, 'link'));
  execFileSync('mkfifo', [join(cwd, 'pipe')]);
  const reader = spawn('cat', [join(cwd, 'pipe')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const read = reader.stdout.setEncoding('utf8').toArray();
  checkOutputsFiles({ env: {}, cwd }, ['link', 'pipe', '/dev/null']);
  await writeOutputsFiles({ env: {}, cwd, ...streams }, ['link', 'pipe', '/dev/null'], report);
  assert.ok(lstatSync(join(cwd, 'link')).isSymbolicLink());
  assert.equal(readFileSync(join(cwd, 'real/file'), 'utf8'), text);
  assert.equal((await read).join(''), text);
  assert.ok(lstatSync('/dev/null').isCharacterDevice());
});

test('standard output is written to as it is', async (t) => {
  const cwd = temporaryFolder(t);
  const stdout = new PassThrough();
  checkOutputsFiles({ env: {}, cwd }, ['/dev/stdout']);
  stdout.write('before\n');
  await writeOutputsFiles({ env: {}, cwd, ...streams, stdout }, ['/dev/stdout'], report);
  stdout.end();
  assert.equal((await stdout.setEncoding('utf8').toArray()).join(''), `before\n${text}`);
});

test('what cannot be written is known before the build', async (t) => {
  const cwd = temporaryFolder(t);
  mkdirSync(join(cwd, 'folder'));
  writeFileSync(join(cwd, 'file'), '');
  for (const path of ['folder', 'file/below', '/proc/nothing'])
    assert.throws(
      () => checkOutputsFiles({ env: {}, cwd }, ['fine', path]),
      (error) => isFault(error, 'FILE_ACCESS') && error.message.startsWith('--outputs-file: '),
      path,
    );
  assert.throws(
    () => checkOutputsFiles({ env: {}, cwd }, ['']),
    (error) => isFault(error, 'USAGE') && error.hint.includes('$GITHUB_OUTPUT'),
  );
  await assert.rejects(
    writeOutputsFiles({ env: {}, cwd, ...streams }, ['/dev/full'], report),
    (error) => isFault(error, 'DISK_FULL') && error.message.startsWith('--outputs-file: '),
  );
});
