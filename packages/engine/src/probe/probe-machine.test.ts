import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { temporaryFolder } from '@onebuild/testkit';
import { probeMachine } from './probe-machine.ts';

test('a report of this machine, and nothing left behind', async (t) => {
  const tempDir = temporaryFolder(t);
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
  const { ok, checks } = await probeMachine({ tempDir });
  const byName = new Map(checks.map((check) => [check.name, check]));
  assert.equal(byName.size, checks.length, 'each name once');
  assert.equal(
    ok,
    checks.every((check) => check.ok || !check.needed),
  );
  for (const name of ['kernel', 'unshare', 'crun', 'runc', 'platform', 'platforms for RUN']) {
    assert.ok(byName.get(name)?.detail, name);
  }
  assert.deepEqual(readdirSync(tempDir), []);
  assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), mounts);
});
