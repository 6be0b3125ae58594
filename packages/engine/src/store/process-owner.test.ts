import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { isOwnerAlive, processOwner } from './process-owner.ts';

test('a process is alive until it ends, also while nobody waited for it', async (t) => {
  const own = processOwner(process.pid);
  assert.match(own, /^\d+:\d+$/);
  assert.ok(isOwnerAlive(own));
  assert.ok(!isOwnerAlive(`${process.pid}:1`), 'another one with the same number');
  assert.ok(isOwnerAlive(`${own}:more`));

  // the shell becomes a program that never waits for its child
  const parent = spawn('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 60'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  t.after(() => parent.kill('SIGKILL'));
  const [line] = (await parent.stdout.take(1).toArray()) as [Buffer];
  const pid = Number(String(line));
  const owner = processOwner(pid);
  assert.ok(isOwnerAlive(owner));
  while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) await sleep(5);
  assert.ok(!isOwnerAlive(owner));
});
