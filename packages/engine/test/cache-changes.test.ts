import assert from 'node:assert/strict';
import { after, before, describe, it, type TestContext } from 'node:test';
import { isFault } from '@onebuild/core';
import type { BuildAllOptions, TargetOptions } from '@onebuild/engine';
import { digestOf, parseReference } from '@onebuild/oci';
import { findProgram, requireProgram } from '@onebuild/testkit';
import { type SteadyServer, serveText } from './all-steps.fixture.ts';
import { type CacheBench, type CacheRun, cacheFrom, cacheTo, openCacheBench } from './cache-bench.ts';
import { type Change, mountChanges, type Side, wordChanges } from './changes.fixture.ts';
import { fileChanges } from './file-changes.fixture.ts';

/** All changes go through one cache, each build on a machine that never built anything. */
describe('with a cache as the only memory', () => {
  let bench: CacheBench;
  let server: SteadyServer;
  let runs: { readonly wrote: CacheRun; readonly alone: CacheRun; readonly fresh: CacheRun };
  const changes = [...mountChanges, ...wordChanges, ...fileChanges];
  const tagOf = (at: number) => `case-${at}-`;

  before(async () => {
    bench = await openCacheBench();
    server = await serveText('first');
    if (findProgram('crun') === undefined) return;
    const at = bench.place();
    await moveBase('first');
    const wrote = await build('before', { cacheTo: cacheTo(at, { mounts: true }) });
    server.body = 'other';
    await moveBase('other');
    const alone = await build('after', { noCache: true });
    runs = { wrote, alone, fresh: await build('after', { cacheFrom: cacheFrom(at) }) };
  });
  after(async () => {
    await server.close();
    await bench.close();
  });

  const moving = () => `${bench.host}/moving:1`;

  async function moveBase(version: string): Promise<void> {
    const outputs = [{ type: 'push', names: [parseReference(moving())] }] as const;
    await bench.run({ base: { text: `FROM ${bench.base}\nRUN echo ${version} > /version\n`, outputs } });
  }

  function draft({ text, files, make, ...rest }: Side, at: number) {
    const folder = bench.context(files);
    make?.(folder);
    const named = bench.context({ v: server.body });
    return {
      ...rest,
      text: text
        .replaceAll('BASE', bench.base)
        .replaceAll('MOVING', moving())
        .replaceAll('URL', server.url)
        .replaceAll('# N', `# ${tagOf(at)}`),
      context: { type: 'folder', path: folder },
      buildContexts: {
        named: { type: 'folder', path: named },
        root: { type: 'folder', path: `${bench.scratch}/busybox-root` },
      },
    } as const;
  }

  function build(
    side: 'before' | 'after',
    more: Partial<BuildAllOptions & TargetOptions>,
  ): Promise<CacheRun> {
    const drafts = changes.map((change, at) => [tagOf(at), draft(change[side], at)] as const);
    return bench.run(Object.fromEntries(drafts), { ...more, jobs: 3 });
  }

  const expectRun = (change: Change, t: TestContext) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const tag = tagOf(changes.indexOf(change));
    const ends = (steps: readonly string[]) => steps.filter((step) => step.includes(`# ${tag}`)).length;
    const { wrote, alone, fresh } = runs;
    assert.equal(ends(wrote.done), 1);
    assert.equal(ends(alone.done), 1);
    assert.equal(ends(change.taken === true ? fresh.cached : fresh.done), 1, 'it ran, or was taken');
    assert.deepEqual(fresh.targets[tag], alone.targets[tag]);
  };

  for (const change of changes) {
    const what = change.taken === true ? 'does not matter' : 'matters';
    it(`what changes ${what}: ${change.name}`, (t) => expectRun(change, t));
  }

  it('nothing is said of the cache', (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    assert.deepEqual(runs.fresh.warnings, runs.alone.warnings);
  });

  it('a checksum that is not right any more fails (moby/buildkit#7108)', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = bench.place();
    const text = `FROM ${bench.base}\nADD --checksum=${digestOf('ALPHA /one/same')} ${server.url}/one/same /f\nRUN cat /f\n`;
    server.body = 'ALPHA';
    await bench.run({ '': { text, cacheTo: cacheTo(at) } });
    server.body = 'BRAVO';
    await assert.rejects(
      bench.run({ '': { text: text.replace('/one/', '/other/'), cacheFrom: cacheFrom(at) } }),
      (error) => isFault(error, 'CHECKSUM_MISMATCH'),
    );
  });
});
