import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { findProgram, requirePart, temporaryFolder } from '@onebuild/testkit';
import { chooseSandbox } from './choose-sandbox.ts';
import { createLimitGroup } from './limit-group.ts';
import { limitGroupsOf, processesWith, requireBusybox } from './sandbox.fixture.ts';

const program = fileURLToPath(new URL('./hold-sandbox.fixture.ts', import.meta.url));
const isRoot = process.getuid?.() === 0;

async function limitsWork(): Promise<boolean> {
  try {
    await createLimitGroup('trial', { memory: 1e8 }).remove();
    return true;
  } catch {
    return false;
  }
}

for (const prefer of ['crun', 'runc', 'unshare'] as const) {
  test(`kill -9 of the engine leaves no process, mount, folder or control group (${prefer})`, async (t) => {
    if (!requirePart(t, isRoot, 'sandboxes for root need root') || !requireBusybox(t)) return;
    const there = prefer === 'unshare' || findProgram(prefer) !== undefined;
    if (!requirePart(t, there, `${prefer} is not installed: apt-get install ${prefer}`)) return;
    const folder = temporaryFolder(t);
    const mounts = readFileSync('/proc/self/mountinfo', 'utf8');
    const seconds = `${300000 + process.pid}`;
    const memory = (await limitsWork()) ? '300000000' : '';
    const stdio = ['ignore', 'pipe', 'inherit'] as const;
    const engine = spawn(process.execPath, [program, folder, prefer, seconds, memory], { stdio: [...stdio] });
    t.after(() => engine.kill('SIGKILL'));
    const [chunk] = (await once(engine.stdout, 'data')) as [Buffer];
    assert.equal(chunk.toString('utf8'), 'started\n');
    assert.notDeepEqual(processesWith(seconds), []);
    const [bundle = ''] = readdirSync(`${folder}/tmp`);
    assert.deepEqual(readdirSync(`${folder}/tmp/${bundle}/run`), [], 'config and secrets are in memory only');
    engine.kill('SIGKILL');
    await once(engine, 'exit');
    // The kernel tears the namespace down right after; it is not told when that is done.
    for (let tries = 0; tries < 500 && processesWith(seconds).length > 0; tries++) await setTimeout(10);
    assert.deepEqual(processesWith(seconds), []);
    assert.equal(readFileSync('/proc/self/mountinfo', 'utf8'), mounts);
    await chooseSandbox({ prefer, rootless: false, tempDir: `${folder}/tmp` });
    assert.deepEqual(readdirSync(`${folder}/tmp`), []);
    if (memory === '') return;
    for (let tries = 0; tries < 500 && limitGroupsOf(engine.pid ?? 0).length > 0; tries++) {
      await createLimitGroup('sweep', { memory: 1e8 }).remove();
      await setTimeout(10);
    }
    assert.deepEqual(limitGroupsOf(engine.pid ?? 0), []);
  });
}
