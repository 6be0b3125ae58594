import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { BuildEvent } from '@onebuild/core';
import { buildAll, type TargetOptions } from '@onebuild/engine';
import { createRegistryClient } from '@onebuild/registry/client';
import { requireProgram } from '@onebuild/testkit';
import { openWorkbench } from '../../test/workbench.ts';
import { checkOutRefs } from './check-out-refs.ts';
import { makeGitRepository } from './git-repository.fixture.ts';

test('steps that see the same files at several refs run once, without a cache, too', async (t) => {
  for (const program of ['git', 'crun'])
    if (!requireProgram(t, program, `apt-get install ${program}`)) return;
  const bench = await openWorkbench();
  const registry = createRegistryClient({});
  t.after(async () => {
    registry.close();
    await bench.close();
  });
  const repository = await makeGitRepository(join(bench.scratch, 'shop'));
  const id = '/proc/sys/kernel/random/uuid';
  const Dockerfile =
    `FROM ${bench.base}\nCOPY tools /tools\nRUN cat ${id} > /tools-id\n` +
    `COPY version /version\nRUN cat ${id} > /version-id\n`;
  await repository.commit({ Dockerfile, tools: 'tools\n', version: '1\n' }, 1_000_000_000);
  await repository.git('tag', 'v1');
  await repository.commit({ README: 'not copied\n' }, 1_000_000_100);
  await repository.git('branch', 'release/1.x');
  await repository.commit({ version: '2\n' }, 1_000_000_200);
  const home = bench.home();
  const signal = new AbortController().signal;
  const { checkouts, remove } = await checkOutRefs(
    { env: repository.env, signal },
    ['v1', 'release/1.x', 'main'],
    {
      folder: repository.folder,
      home,
      warn: assert.fail,
    },
  );
  const dest = join(bench.scratch, 'out');
  const targets = checkouts.map(
    ({ folder, commitTime }, at): TargetOptions => ({
      name: `web@${at}`,
      context: { type: 'folder', path: folder },
      commitTime,
      times: 'auto',
      outputs: [{ type: 'local', dest: join(dest, `${at}`) }, { type: 'store' }],
      noCache: true,
      buildArgs: {},
      buildContexts: {},
      platforms: [],
      labels: {},
      annotations: {},
      tags: [],
      secrets: {},
      ssh: {},
      pull: false,
      network: 'none',
      extraHosts: [],
      limits: {},
      allow: [],
    }),
  );
  const events: BuildEvent[] = [];
  const result = await buildAll({
    home,
    targets,
    registry,
    signal,
    jobs: 2,
    sandbox: 'auto',
    rootless: false,
    proxy: {},
    checkOnly: false,
    clock: Date.now,
    emit: (event) => events.push(event),
    version: 'test',
  });
  await remove();
  const idsOf = (name: string) => ['0', '1', '2'].map((at) => readFileSync(join(dest, at, name), 'utf8'));
  assert.equal(new Set(idsOf('tools-id')).size, 1);
  const [first, second, third] = idsOf('version-id');
  assert.equal(first, second, 'v1 and release/1.x differ in a file that no step sees');
  assert.notEqual(first, third);
  const runs = events.flatMap((event) =>
    event.type === 'step.started' && event.name.startsWith('RUN') ? [event.step] : [],
  );
  const ran = events.filter(
    (event) => event.type === 'step.finished' && event.status === 'done' && runs.includes(event.step),
  );
  assert.deepEqual([runs.length, ran.length], [6, 3]);
  const digests = result.targets.map(({ platforms }) => platforms[0]?.digest);
  assert.equal(new Set(digests).size, 3, 'each image has the time of its commit');
  assert.deepEqual(readdirSync(join(home, 'tmp')), []);
});
