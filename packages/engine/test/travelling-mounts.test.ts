import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CacheMountReport } from '@onebuild/core';
import { type BuildOptions, build, type CacheLocation, type CacheTarget } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { type BusyboxBench, openBusyboxBench } from './busybox-bench.ts';

describe('cache mounts that travel', () => {
  let bench: BusyboxBench;
  let count = 0;

  before(async () => {
    bench = await openBusyboxBench();
  });
  after(() => bench.close());

  const location = (): CacheLocation => ({
    type: 'registry',
    reference: parseReference(`${bench.host}/mounts-${++count}:onebuild-cache`),
  });
  const caches = (at: CacheLocation, more: Partial<CacheTarget> = {}) => ({
    cacheFrom: [{ location: at, verify: [], mounts: true }],
    cacheTo: [{ location: at, mode: 'max', mounts: true, ignoreError: false, ...more } as const],
  });

  /** On a new machine, unless `home` is given; what the command said. */
  async function run(command: string, options: Partial<BuildOptions>, mount = 'target=/m') {
    const context = join(bench.scratch, `context-${++count}`);
    mkdirSync(context);
    const text = `FROM ${bench.base}\nRUN --mount=type=cache,${mount} ${command}\n`;
    const all = testBuildOptions({
      home: join(bench.scratch, `home-${++count}`),
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text },
      registry: bench.registry,
      ...options,
    });
    await build(all);
    let said = '';
    let mounts: readonly CacheMountReport[] = [];
    const warnings: string[] = [];
    for (const event of all.events) {
      if (event.type === 'step.output') said += event.text;
      if (event.type === 'warning') warnings.push(`${event.rule}: ${event.message}`);
      if (event.type === 'build.finished') mounts = event.report?.cache?.mounts ?? [];
    }
    return { said, mounts, warnings, home: all.home };
  }

  const fill = 'mkdir -p /m/sub && seq 20000 > /m/sub/numbers && echo one > /m/one && chmod 750 /m/sub';

  it('are there on another machine, and only the difference goes back', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    const first = await run(fill, caches(at));
    assert.deepEqual(first.warnings, []);
    const sent = first.mounts[0]?.sentBytes ?? 0;
    const second = await run('stat -c "%n %a" /m/sub && cat /m/one && echo two > /m/two', caches(at));
    assert.equal(second.said, '/m/sub 750\none\n');
    assert.equal(second.mounts.length, 1);
    const [mount] = second.mounts;
    assert.equal(mount?.id, '/m');
    assert.ok((mount.sentBytes ?? sent) < sent / 4, `${mount.sentBytes} of ${sent}`);
    const third = await run('cat /m/one /m/two; wc -l < /m/sub/numbers', caches(at));
    assert.equal(third.said, 'one\ntwo\n20000\n');
  });

  it('of a machine that keeps its store go on from there', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    const { home } = await run(fill, caches(at));
    const again = await run('echo two > /m/two', { ...caches(at), home });
    assert.ok((again.mounts[0]?.sentBytes ?? 0) < 3000, JSON.stringify(again.mounts));
    assert.equal(again.mounts[0]?.fetchedBytes, undefined);
    assert.equal((await run('cat /m/two', caches(at))).said, 'two\n');
  });

  it('go as a whole to a cache that has nothing of them', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const [one, other] = [location(), location()];
    const { home } = await run(fill, caches(one));
    await run('true', { ...caches(other), home });
    assert.equal((await run('cat /m/one', caches(other))).said, 'one\n');
  });

  it('are not fetched for a step that need not run, and stay in the cache', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    await run(fill, caches(at));
    const cached = await run(fill, caches(at));
    assert.deepEqual(cached.mounts, []);
    assert.equal((await run('cat /m/one', caches(at))).said, 'one\n');
  });

  it('of another id, or other owners, are others', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    await run(fill, caches(at));
    for (const mount of ['target=/m,id=other', 'target=/m,uid=1000', 'target=/m,mode=0700'])
      assert.equal((await run('ls /m', caches(at), mount)).said, '', mount);
    assert.equal((await run('ls /n', caches(at), 'target=/n,id=/m')).said, 'one\nsub\n');
    assert.equal((await run('ls /m', caches(at), 'target=/m,sharing=locked')).said, 'one\nsub\n');
    assert.equal((await run('ls /m/', caches(at), 'target=/m,sharing=private')).said, 'one\nsub\n');
  });

  it('leave out files that hold a secret', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    const secrets = { token: { type: 'value', value: 'very-secret-token' } } as const;
    const text = 'target=/m --mount=type=secret,id=token';
    const first = await run(
      'cp /run/secrets/token /m/token && echo one > /m/one',
      { ...caches(at), secrets },
      text,
    );
    assert.match(first.warnings.join('\n'), /^CacheMountLeftOut: .*"token"/m);
    assert.equal((await run('ls /m', caches(at))).said, 'one\n');
  });

  it('that are damaged start empty, with a word', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    await run(fill, caches(at));
    const registry: BuildOptions['registry'] = {
      ...bench.registry,
      async *blob(repository, descriptor, options) {
        for await (const chunk of bench.registry.blob(repository, descriptor, options)) {
          if (descriptor.mediaType.includes('pack'))
            chunk[chunk.length >> 1] = (chunk[chunk.length >> 1] ?? 0) ^ 1;
          yield chunk;
        }
      },
    };
    const damaged = await run('ls /m; echo new > /m/new', { ...caches(at), registry });
    assert.equal(damaged.said, '');
    assert.match(damaged.warnings.join('\n'), /^CacheMountDamaged: cache mount \/m starts empty/m);
    assert.equal((await run('ls /m', caches(at))).said, 'new\n');
  });

  it('are kept within their size', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    await run(
      'head -c 60000 /dev/zero > /m/a; head -c 60000 /dev/zero > /m/b; echo c > /m/c',
      caches(at, { mountSize: 100_000 }),
    );
    const { said } = await run('ls /m | wc -l', caches(at));
    assert.equal(said.trim(), '2');
  });

  it('stay here where nobody asked for it', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = location();
    await run(fill, caches(at, { mounts: false }));
    assert.equal((await run('ls /m', caches(at))).said, '');
  });
});
