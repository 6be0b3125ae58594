import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { isFault } from '@onebuild/core';
import { requirePart, type Skips, temporaryFolder } from '@onebuild/testkit';
import { readCgroupMounts } from './cgroup-mounts.ts';
import { chooseSandbox } from './choose-sandbox.ts';
import { createLimitGroup, type LimitGroup } from './limit-group.ts';
import { limitGroupsOf, makeLayer, requireBusybox, runLine } from './sandbox.fixture.ts';

function makeGroup(t: Skips, limits: { memory?: number; cpus?: number }): LimitGroup | undefined {
  try {
    return createLimitGroup('test', limits);
  } catch (error) {
    assert.ok(isFault(error, 'LIMIT_UNAVAILABLE'));
    requirePart(t, false, `limits can't be set on this machine: ${error.message}`);
    return undefined;
  }
}

test('limits are written, and the group goes away', async (t) => {
  const group = makeGroup(t, { memory: 64 * 1024 * 1024, cpus: 0.5 });
  if (!group) return;
  const folders = group.joinFiles.map(dirname);
  const values = folders.flatMap((folder) =>
    ['memory.max', 'memory.limit_in_bytes', 'cpu.max', 'cpu.cfs_quota_us']
      .filter((file) => existsSync(`${folder}/${file}`))
      .map((file) => readFileSync(`${folder}/${file}`, 'utf8').split(/\s/)[0]),
  );
  assert.ok(values.includes('67108864') && values.includes('50000'), String(values));
  assert.equal(group.outOfMemory(), false);
  await group.remove();
  assert.ok(!folders.some((folder) => existsSync(folder)));
  assert.deepEqual(limitGroupsOf(process.pid), []);
});

test('a command that needs too much is ended, and that is told', async (t) => {
  if (!requireBusybox(t) || !requirePart(t, process.getuid?.() === 0, 'limits need root')) return;
  const group = makeGroup(t, { memory: 1e8 });
  if (!group) return;
  await group.remove();
  const folder = temporaryFolder(t);
  const lowers = [makeLayer(`${folder}/lower`)];
  for (const prefer of ['auto', 'unshare'] as const) {
    const sandbox = await chooseSandbox({ prefer, rootless: false, tempDir: `${folder}/tmp-${prefer}` });
    const hungry = 'dd if=/dev/zero of=/dev/null bs=100M count=1';
    const options = { folder, lowers, limits: { memory: 24 * 1024 * 1024, cpus: 1.5 } };
    const killed = await runLine(sandbox, hungry, options);
    assert.deepEqual([killed.exitCode, killed.outOfMemory], [137, true]);
    assert.equal((await runLine(sandbox, 'true', options)).outOfMemory, undefined);
    assert.equal((await runLine(sandbox, hungry, { folder, lowers })).exitCode, 0);
  }
});

test('which folder is whose', () => {
  const hybrid = readCgroupMounts(
    [
      '30 20 0:26 / /sys/fs/cgroup rw - tmpfs cgroup rw',
      '31 30 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate',
      '32 30 0:28 / /sys/fs/cgroup/systemd rw - cgroup cgroup rw,xattr,name=systemd',
      '33 30 0:29 /docker/abc /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct',
      '34 30 0:30 /other /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory',
    ].join('\n'),
    '5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc/inner\n1:name=systemd:/x\n0::/user/session\n',
  );
  assert.deepEqual(
    hybrid.map(({ version, controllers, own }) => [version, controllers.join(), own]),
    [
      [2, '', '/sys/fs/cgroup/unified/user/session'],
      [1, 'name=systemd', '/sys/fs/cgroup/systemd/x'],
      [1, 'cpu,cpuacct', '/sys/fs/cgroup/cpu,cpuacct/inner'],
      [1, 'memory', undefined],
    ],
  );
});
