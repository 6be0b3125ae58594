import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { CacheLocation, TargetOptions } from '@onebuild/engine';
import { parsePlatform, parseReference } from '@onebuild/oci';
import { requirePart, requireProgram, type Skips } from '@onebuild/testkit';
import {
  type CacheBench,
  type CacheRun,
  cacheFrom,
  cacheTo,
  type Draft,
  openCacheBench,
} from './cache-bench.ts';

const variants = ['plain', 'debug', 'small'];
const platforms = ['linux/amd64', 'linux/386'];

/** Builders of one source, and what is made of what they leave, in three variants for two platforms. */
describe('what does not change a builder’s result changes nothing more, in all variants and platforms', () => {
  let bench: CacheBench;
  let root: string;

  before(async () => {
    bench = await openCacheBench();
    root = join(bench.scratch, 'busybox-root');
  });
  after(() => bench.close());

  const ready = (t: Skips) =>
    requirePart(t, process.arch === 'x64', 'other processors run no programs of linux/386') &&
    requireProgram(t, 'crun', 'apt-get install crun');

  /** @param where the builder runs: `$BUILDPLATFORM`, once for all; or as the image, once for each platform */
  const text = (variant: string, where: 'once' | 'each') =>
    [
      `FROM ${where === 'once' ? '--platform=$BUILDPLATFORM ' : ''}scratch AS base`,
      'COPY --from=root / /',
      'FROM base AS builder',
      ...(where === 'each' ? ['ARG TARGETARCH'] : []),
      'WORKDIR /src',
      'COPY source ./',
      `RUN ["busybox", "sh", "-c", "busybox grep -v '^#' source > /built; busybox echo \${TARGETARCH:-all} >> /built"]`,
      'FROM scratch AS tools',
      'COPY --from=root / /',
      'COPY --from=builder /built /app/built',
      `RUN ["busybox", "sh", "-c", "busybox cat /app/built > /app/packed-${variant}"]`,
      'FROM scratch',
      `COPY --from=tools /app/packed-${variant} /app/`,
      `LABEL variant=${variant}`,
      '',
    ].join('\n');

  const drafts = (where: 'once' | 'each'): Readonly<Record<string, Draft>> =>
    Object.fromEntries(
      variants.map((variant) => [
        variant,
        {
          text: text(variant, where),
          platforms: platforms.map((platform) => parsePlatform(platform)),
          buildContexts: { root: { type: 'folder', path: root } },
          outputs: [
            {
              type: 'push',
              names: [parseReference(`${bench.host}/${where}/${variant}:1`)],
            },
          ],
        },
      ]),
    );

  const source = (comment: string, code = 'code') => bench.context({ source: `# ${comment}\n${code}\n` });

  function run(
    where: 'once' | 'each',
    context: string,
    caches: Pick<TargetOptions, 'cacheFrom' | 'cacheTo'>,
  ): Promise<CacheRun> {
    return bench.run(drafts(where), {
      context: { type: 'folder', path: context },
      ...caches,
      jobs: 3,
    });
  }

  const commands = (steps: readonly string[]) => steps.filter((step) => / ?RUN /.test(step));
  const compiles = (steps: readonly string[]) => commands(steps).filter((step) => step.includes('grep'));

  for (const [where, count] of [
    ['once', 1],
    ['each', platforms.length],
  ] as const) {
    it(`a builder that runs ${where === 'once' ? 'once for all' : 'for each platform'}`, async (t) => {
      if (!ready(t)) return;
      const at: CacheLocation = bench.place();
      const both = { cacheFrom: cacheFrom(at), cacheTo: cacheTo(at) };
      const first = await run(where, source('one'), both);
      assert.deepEqual(first.warnings, []);
      assert.equal(compiles(first.done).length, count);
      assert.equal(commands(first.done).length, count + variants.length * platforms.length);

      const same = await run(where, source('one'), both);
      assert.deepEqual(commands(same.done), []);
      assert.deepEqual(same.targets, first.targets);

      const commented = await run(where, source('two'), both);
      assert.deepEqual(commented.warnings, []);
      assert.equal(compiles(commented.done).length, count);
      assert.equal(commands(commented.done).length, count, commented.done.join('\n'));
      assert.deepEqual(commented.targets, first.targets);
      // that is known from now on, too
      const again = await run(where, source('two'), both);
      assert.deepEqual(commands(again.done), []);
      assert.deepEqual(again.targets, first.targets);

      const coded = await run(where, source('two', 'other code'), both);
      assert.equal(commands(coded.done).length, count + variants.length * platforms.length);
      const alone = await run(where, source('three', 'other code'), {});
      assert.deepEqual(coded.targets, alone.targets);
      for (const name of variants) assert.notEqual(coded.targets[name]?.digest, first.targets[name]?.digest);
    });
  }

  it('one platform after the other, on machines of their own, each with one variant more', async (t) => {
    if (!ready(t)) return;
    const at = bench.place();
    const both = { cacheFrom: cacheFrom(at), cacheTo: cacheTo(at) };
    const together = await run('each', source('one'), {});
    const context = { type: 'folder', path: source('other') } as const;
    const all = Object.entries(drafts('each'));
    for (const platform of platforms) {
      for (let count = 1; count <= all.length; count++) {
        const some = all
          .slice(0, count)
          .map(([name, draft]) => [
            name,
            { ...draft, ...both, platforms: [parsePlatform(platform)], outputs: [] },
          ]);
        const { done, warnings } = await bench.run(Object.fromEntries(some), { context });
        assert.deepEqual(warnings, []);
        assert.equal(compiles(done).length, count === 1 ? 1 : 0);
        assert.equal(commands(done).length, count === 1 ? 2 : 1);
      }
    }
    const whole = await run('each', context.path, both);
    assert.deepEqual(commands(whole.done), []);
    assert.deepEqual(whole.targets, together.targets);
    const dest = bench.path('files');
    const outputs = [{ type: 'local', dest }] as const;
    await bench.run(
      { plain: { ...drafts('each')['plain'], text: text('plain', 'each'), ...both, outputs } },
      { context },
    );
    for (const [arch, folder] of [
      ['amd64', 'linux_amd64'],
      ['386', 'linux_386'],
    ] as const)
      assert.equal(readFileSync(join(dest, folder, 'app/packed-plain'), 'utf8'), `code\n${arch}\n`);
  });
});
