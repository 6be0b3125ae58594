import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { hostPlatform } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { elfProgram } from './elf-program.ts';
import { assertPlatformRuns, canRunPlatform } from './run-platform.ts';

const host = hostPlatform(process.arch);

test('the own architecture runs, another system does not', async (t) => {
  const folder = temporaryFolder(t);
  assert.deepEqual(await canRunPlatform(host, folder), { runs: true, by: 'the processor' });
  await assertPlatformRuns(host, folder);
  for (const platform of [
    { os: 'windows', architecture: 'amd64' },
    { os: 'linux', architecture: 'mips' },
  ]) {
    await assert.rejects(assertPlatformRuns(platform, folder), (error) =>
      isFault(error, 'PLATFORM_NOT_RUNNABLE'),
    );
  }
  assert.deepEqual(readdirSync(folder), []);
});

test('the message names the packages', async (t) => {
  const attempt = assertPlatformRuns({ os: 'linux', architecture: 'mips' }, temporaryFolder(t));
  await assert.rejects(attempt, (error: Error & { hint?: string }) =>
    /apt-get install qemu-user-static binfmt-support/.test(error.hint ?? ''),
  );
});

test('the smallest program of this architecture does run', (t) => {
  const program = elfProgram(host.architecture);
  if (!program) return t.skip(`there is none for ${host.architecture}`);
  const path = `${temporaryFolder(t)}/program`;
  writeFileSync(path, program, { mode: 0o755 });
  assert.equal(execFileSync(path).length, 0);
});
