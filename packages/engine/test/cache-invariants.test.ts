import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { BuildAllOptions, CacheLocation, Output, TargetOptions } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import { allSteps, fillContext, type SteadyServer, serveText, withListing } from './all-steps.fixture.ts';
import {
  type CacheBench,
  type CacheRun,
  cacheFrom,
  cacheTo,
  type Draft,
  openCacheBench,
} from './cache-bench.ts';

interface Way {
  readonly mode: 'min' | 'max';
  readonly compression: 'gzip' | 'zstd';
  readonly times: TargetOptions['times'];
  readonly pushes?: true;
}

const fixed: Way = { mode: 'max', compression: 'zstd', times: 'auto', pushes: true };
const commit: Way = { mode: 'min', compression: 'gzip', times: 'commit' };
const kept: Way = { mode: 'max', compression: 'gzip', times: 'preserve' };
const ways = [fixed, commit, kept];
const nameOf = ({ mode, compression, times }: Way) => `mode=${mode}, ${compression}, times ${times}`;

/** Dockerfiles with stages whose results no image has. */
const hasInside = /^(?:mounts|copies|stages|links|capable): /;

describe('a build with a cache comes to what it comes to without', () => {
  let bench: CacheBench;
  let server: SteadyServer;
  let drafts: Readonly<Record<string, Draft>>;
  let shared: Partial<BuildAllOptions & TargetOptions>;
  const written = new Map<Way, { readonly at: CacheLocation; readonly run: CacheRun }>();

  before(async () => {
    bench = await openCacheBench();
    server = await serveText('by url\n');
    const context = bench.context();
    fillContext(context);
    drafts = allSteps(bench.base, server.url);
    // `created` of what keeps its times is the time of the build
    shared = { context: { type: 'folder', path: context }, clock: () => 1_760_000_000_000, jobs: 3 };
  });
  after(async () => {
    await server.close();
    await bench.close();
  });

  function options({ compression, times, pushes }: Way, name: string): Partial<TargetOptions> {
    const layers = { layers: { compression } };
    const names = [parseReference(`${bench.host}/${name}:1`)];
    const output: Output = pushes ? { type: 'push', names, ...layers } : { type: 'store', ...layers };
    return { times, commitTime: 1_650_000_000, outputs: [output] };
  }

  const run = (
    way: Way,
    more: Partial<BuildAllOptions & TargetOptions>,
    made: typeof drafts = drafts,
  ): Promise<CacheRun> =>
    bench.run(
      Object.fromEntries(
        Object.entries(made).map(([name, draft]) => [name, { ...draft, ...options(way, name) }]),
      ),
      { ...shared, ...more },
    );

  const writtenBy = (way: Way) => written.get(way) ?? assert.fail('it was not written');

  for (const way of ways) {
    it(`that another machine wrote: ${nameOf(way)}`, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      const at = bench.place();
      const wrote = await run(way, { noCache: true, cacheTo: cacheTo(at, { mode: way.mode }) });
      written.set(way, { at, run: wrote });
      assert.deepEqual(wrote.warnings, []);
      const fresh = await run(way, { cacheFrom: cacheFrom(at) });
      assert.deepEqual(fresh.warnings, []);
      assert.deepEqual(fresh.targets, wrote.targets);
      const ran = fresh.done.filter((step) => / ?RUN/.test(step));
      if (way.mode === 'max') assert.deepEqual(ran, []);
      else assert.ok(ran.length > 0 && ran.every((step) => hasInside.test(step)), ran.join('\n'));
    });
  }

  it('that has its layers in other forms', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const other: Way = { mode: 'max', compression: 'gzip', times: 1_700_000_000 };
    const alone = await run(other, { noCache: true });
    const fresh = await run(other, { cacheFrom: cacheFrom(writtenBy(fixed).at) });
    assert.deepEqual(fresh.warnings, []);
    assert.deepEqual(fresh.targets, alone.targets);
  });

  it('under a step more that looks at all files', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { at, run: wrote } = writtenBy(fixed);
    const listed = withListing(drafts);
    const here = await run(fixed, { home: wrote.home }, listed);
    const there = await run(fixed, { cacheFrom: cacheFrom(at) }, listed);
    assert.deepEqual(there.warnings, []);
    assert.equal(there.done.filter((step) => / ?RUN/.test(step)).length, Object.keys(listed).length);
    const [one, other] = [here, there].map(({ said }) => new Set(said.split('\n')));
    assert.ok(one !== undefined && other !== undefined && one.size > 200);
    assert.deepEqual([...one.symmetricDifference(other)].toSorted(), []);
  });
});
