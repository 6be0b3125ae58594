import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from '@onebuild/engine';
import { requireProgram, runProgram, temporaryFolder } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

test('files of a commit without its repository make the image that its checkout makes', async (t) => {
  if (!requireProgram(t, 'git', 'apt-get install git')) return;
  const scratch = temporaryFolder(t);
  const [checkout, files] = ['checkout', 'files'].map((name) => join(scratch, name)) as [string, string];
  for (const folder of [checkout, files]) {
    mkdirSync(folder);
    writeFileSync(join(folder, 'Dockerfile'), 'FROM scratch\nCOPY source /\n');
    writeFileSync(join(folder, 'source'), 'code\n');
  }
  const seconds = 1_700_000_000;
  const env = { ...process.env, GIT_COMMITTER_DATE: `${seconds} +0000`, GIT_CONFIG_GLOBAL: '/dev/null' };
  const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com'];
  for (const args of [
    ['init', '-q'],
    ['add', '.'],
    [...who, 'commit', '-qm', 'first'],
  ]) {
    await runProgram(['git', ...args], { cwd: checkout, env });
  }
  const digestOf = async (path: string, commitTime?: number) => {
    const options = testBuildOptions({ home: join(scratch, 'home'), context: { type: 'folder', path } });
    const { images } = await build({ ...options, ...(commitTime !== undefined && { commitTime }) });
    return images[0]?.digest;
  };
  const expected = await digestOf(checkout);
  assert.ok(expected);
  assert.equal(await digestOf(files, seconds), expected);
  assert.notEqual(await digestOf(files), expected, 'the time is in the image');
  assert.notEqual(await digestOf(checkout, seconds + 1), expected, 'what is given goes before what is found');
});
