import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type BuildEvent, type CacheReport, fault } from '@onebuild/core';
import { type BuildOptions, build, type CacheLocation } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { requireProgram } from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { type BusyboxBench, openBusyboxBench } from './busybox-bench.ts';

interface Built {
  readonly digest: string | undefined;
  /** RUN, COPY and WORKDIR steps with how they ended. */
  readonly steps: Readonly<Record<string, string>>;
  readonly report: CacheReport | undefined;
  readonly warnings: readonly string[];
  readonly home: string;
}

function outcomes(events: readonly BuildEvent[]): Omit<Built, 'digest' | 'home'> {
  const names = new Map<string, string>();
  const steps: Record<string, string> = {};
  const warnings: string[] = [];
  let report: CacheReport | undefined;
  for (const event of events) {
    if (event.type === 'step.started') names.set(event.step, event.name);
    if (event.type === 'warning') warnings.push(`${event.rule}: ${event.message}`);
    if (event.type === 'build.finished') report = event.report?.cache;
    const name = event.type === 'step.finished' ? (names.get(event.step) ?? '') : '';
    if (event.type === 'step.finished' && /^(?:RUN|COPY|WORKDIR)/.test(name)) steps[name] = event.status;
  }
  return { steps, report, warnings };
}

describe('a cache that travels', () => {
  let bench: BusyboxBench;
  let count = 0;

  before(async () => {
    bench = await openBusyboxBench();
  });
  after(() => bench.close());

  const place = (): { readonly image: string; readonly location: CacheLocation } => {
    const image = `${bench.host}/app-${++count}`;
    return { image, location: { type: 'registry', reference: parseReference(`${image}:onebuild-cache`) } };
  };
  const from = (location: CacheLocation) => ({ location, verify: [], mounts: true });
  const to = (location: CacheLocation, mode: 'min' | 'max' = 'max') =>
    ({ location, mode, mounts: false, ignoreError: false }) as const;

  /** On a machine that never built anything, unless `home` is given. */
  async function run(
    text: string,
    files: Readonly<Record<string, string>>,
    options: Partial<BuildOptions> = {},
  ): Promise<Built> {
    const context = join(bench.scratch, `context-${++count}`);
    mkdirSync(context);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(context, name), content);
    const home = options.home ?? join(bench.scratch, `home-${++count}`);
    const all = testBuildOptions({
      home,
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text },
      registry: bench.registry,
      ...options,
    });
    const result = await build(all);
    return { digest: result.images[0]?.digest, ...outcomes(all.events), home };
  }

  /** A client to which the caches have lost their layers. */
  function withoutLayers() {
    let count = 0;
    const registry: BuildOptions['registry'] = {
      ...bench.registry,
      async *blob(repository, descriptor, options) {
        if (/layer/.test(descriptor.mediaType) && repository.repository.startsWith('app-')) {
          count++;
          yield new Uint8Array(7);
          throw fault('BLOB_NOT_FOUND', 'it is gone');
        }
        yield* bench.registry.blob(repository, descriptor, options);
      },
    };
    return { registry, broken: () => count };
  }

  const compile = (base: string) =>
    [
      `FROM ${base} AS builder`,
      'WORKDIR /src',
      'COPY source ./',
      "RUN grep -v '^#' source > /built && ln /built /linked && mkdir -p /d && chmod 2750 /d && ln -s /built /d/link",
      `FROM ${base}`,
      'COPY --from=builder /built /app/built',
      'COPY --from=builder /d /app/d',
      'RUN cp /app/built /final && rm /app/built',
      'RUN test -e /final',
      '',
    ].join('\n');

  for (const kind of ['registry', 'local'] as const) {
    it(`lets another machine run nothing, unpack nothing and come to the same image (${kind})`, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      const { image, location: registry } = place();
      const folder = { type: 'local', path: join(bench.scratch, `cache-${++count}`), tag: 'latest' } as const;
      const location = kind === 'registry' ? registry : folder;
      const text = compile(bench.base);
      const names = [parseReference(`${image}:1`)];
      const outputs = [{ type: 'push', names }] as const;
      const first = await run(text, { source: 'a\n#b\n' }, { outputs, cacheTo: [to(location)] });
      assert.deepEqual(first.warnings, []);
      const fresh = await run(text, { source: 'a\n#b\n' }, { outputs, cacheFrom: [from(location)] });
      assert.equal(fresh.digest, first.digest);
      assert.deepEqual(fresh.warnings, []);
      assert.deepEqual(new Set(Object.values(fresh.steps)), new Set(['cached']));
      assert.deepEqual(readdirSync(join(fresh.home, 'layers')), [], 'nothing is unpacked');
      assert.equal(fresh.report?.steps.length, 3);
      assert.ok(fresh.report.fetchedBytes < 100_000, `${fresh.report.fetchedBytes} bytes`);
      // a file of the image is asked for: the layers come
      const dest = join(bench.scratch, `out-${count}`);
      await run(
        text,
        { source: 'a\n#b\n' },
        { outputs: [{ type: 'local', dest }], cacheFrom: [from(location)] },
      );
      assert.deepEqual(readdirSync(join(dest, 'app')), ['d']);
    });
  }

  it('gives the files as they were made: a step on top of them comes to the same', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    const text = `${compile(bench.base)}RUN find /app /final /bin -exec stat -c '%n %a %u %g %s %Y' {} + | sort > /list\n`;
    await run(compile(bench.base), { source: 'a\n#b\n' }, { cacheTo: [to(location)] });
    const alone = await run(text, { source: 'a\n#b\n' });
    const taken = await run(text, { source: 'a\n#b\n' }, { cacheFrom: [from(location)] });
    assert.deepEqual(taken.warnings, []);
    assert.equal(Object.values(taken.steps).filter((status) => status === 'done').length, 1);
    assert.equal(taken.digest, alone.digest);
  });

  it('stops where what changed makes no difference, also on another machine', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    const text = compile(bench.base);
    const first = await run(text, { source: 'a\n#b\n' }, { cacheTo: [to(location)] });
    const commented = await run(text, { source: 'a\n#another\n' }, { cacheFrom: [from(location)] });
    const ran = Object.entries(commented.steps).filter(
      ([name, how]) => name.startsWith('RUN') && how === 'done',
    );
    assert.deepEqual(
      ran.map(([name]) => name.slice(0, 8)),
      ['RUN grep'],
    );
    assert.equal(commented.digest, first.digest);
  });

  it('of the images alone knows nothing of what they were compiled with', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    const text = compile(bench.base);
    await run(text, { source: 'a\n' }, { cacheTo: [to(location, 'min')] });
    const fresh = await run(text, { source: 'a\n' }, { cacheFrom: [from(location)] });
    const byName = (start: string) =>
      Object.entries(fresh.steps).find(([name]) => name.startsWith(start))?.[1];
    assert.equal(byName('RUN grep'), 'done');
    assert.equal(byName('RUN cp'), 'cached');
  });

  it('is written when something is new, and else left as it is', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    if (location.type !== 'registry') return;
    const text = compile(bench.base);
    const { home } = await run(text, { source: 'a\n' }, { cacheTo: [to(location)] });
    const before = await bench.registry.resolve(location.reference);
    await run(text, { source: 'a\n' }, { cacheTo: [to(location)], cacheFrom: [from(location)] });
    await run(text, { source: 'a\n' }, { home, cacheTo: [to(location)] });
    assert.deepEqual(await bench.registry.resolve(location.reference), before);
    const more = await run(text, { source: 'b\n' }, { cacheTo: [to(location)], cacheFrom: [from(location)] });
    assert.ok((more.report?.sentBytes ?? 0) > 0);
    assert.notDeepEqual(await bench.registry.resolve(location.reference), before);
    for (const source of ['a\n', 'b\n']) {
      const { steps } = await run(text, { source }, { cacheFrom: [from(location)] });
      assert.deepEqual(new Set(Object.values(steps)), new Set(['cached']));
    }
  });

  it('that is not there, or is something else, is no reason to fail', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    const other = { type: 'registry', reference: parseReference(bench.base) } as const;
    const built = await run(
      `FROM ${bench.base}\nRUN echo 1 > /1\n`,
      {},
      { cacheFrom: [from(location), from(other)] },
    );
    assert.equal(built.steps['RUN echo 1 > /1'], 'done');
    assert.equal(built.warnings.length, 1);
    assert.match(built.warnings[0] ?? '', /^CacheUnread: a cache is not used: /);
  });

  it('that has lost a layer is left alone: the build begins again and comes to the same image', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    const text = compile(bench.base);
    const first = await run(text, { source: 'a\n' }, { cacheTo: [to(location)] });
    const { registry, broken } = withoutLayers();
    const more = `${text}RUN cat /final > /more\n`;
    const alone = await run(more, { source: 'a\n' });
    const fresh = await run(more, { source: 'a\n' }, { registry, cacheFrom: [from(location)] });
    assert.ok(broken() > 0);
    assert.equal(fresh.digest, alone.digest);
    assert.notEqual(fresh.digest, first.digest);
    assert.match(fresh.warnings.join('\n'), /^CacheDamaged: a cache is left alone/m);
  });

  it('that has lost a layer which only an output needs is left alone, too', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const { location } = place();
    const text = compile(bench.base);
    const first = await run(text, { source: 'a\n' }, { cacheTo: [to(location)] });
    const { registry, broken } = withoutLayers();
    const path = join(bench.scratch, `image-${++count}.tar`);
    const outputs = [{ type: 'oci', dest: { path }, tar: true }] as const;
    const fresh = await run(text, { source: 'a\n' }, { registry, outputs, cacheFrom: [from(location)] });
    assert.ok(broken() > 0);
    assert.equal(fresh.digest, first.digest);
    assert.match(fresh.warnings.join('\n'), /^CacheDamaged: a cache is left alone/m);
  });
});
