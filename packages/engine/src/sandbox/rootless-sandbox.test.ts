import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findProgram, requirePart, temporaryFolder } from '@onebuild/testkit';

const program = fileURLToPath(new URL('./rootless-sandbox.fixture.ts', import.meta.url));

/** A user of this machine with id ranges; gone when the process ends. */
function makeUser(): { readonly name: string; readonly uid: number; remove(): void } {
  const name = `obt${process.pid}`;
  execFileSync('/usr/sbin/useradd', ['--no-create-home', '--shell', '/bin/sh', name]);
  const uid = Number(execFileSync('id', ['-u', name], { encoding: 'utf8' }));
  return { name, uid, remove: () => spawnSync('/usr/sbin/userdel', ['-f', name]) };
}

test('a normal user', async (t) => {
  const ready =
    process.getuid?.() === 0 && findProgram('useradd') !== undefined && findProgram('su') !== undefined;
  if (!requirePart(t, ready, 'making a user for the test needs root and useradd')) return;
  const uidmap = findProgram('newuidmap') !== undefined;
  if (!requirePart(t, uidmap, 'newuidmap is not installed: apt-get install uidmap')) return;
  const user = makeUser();
  t.after(() => user.remove());
  const as = (command: string) =>
    spawnSync('su', [user.name, '-c', command], {
      encoding: 'utf8',
      cwd: '/',
      env: { PATH: process.env['PATH'] },
    });
  const readable = as(`test -r ${program} -a -x ${process.execPath}`).status === 0;
  if (!requirePart(t, readable, `other users can't read ${program}`)) return;
  const namespace = 'unshare --user --map-root-user --map-auto --mount';
  const works = as(`${namespace} true`);
  if (!requirePart(t, works.status === 0, `user namespaces can't be made: ${works.stderr}`)) return;
  const temp = temporaryFolder(t);
  chownSync(temp, user.uid, user.uid);
  const run = `TMPDIR=${temp} exec ${namespace} ${process.execPath} --test --test-reporter=tap ${program}`;
  const { status, stdout, stderr } = as(run);
  assert.equal(status, 0, `${stdout}${stderr}`);
  assert.match(stdout, /^# pass [1-9]/m);
  assert.match(stdout, /^# skipped 0$/m);
});
