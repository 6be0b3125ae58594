import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isFault, type OneBuildError } from '@onebuild/core';
import type { BuildAllOptions, CacheLocation, TargetOptions } from '@onebuild/engine';
import { parseReference, type Reference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import {
  atMatch,
  type FaultProxy,
  type ProxyFault,
  requireProgram,
  type Script,
  startFaultProxy,
} from '@onebuild/testkit';
import { type CacheBench, type CacheRun, cacheFrom, cacheTo, openCacheBench } from './cache-bench.ts';

const writes = /^(?:POST|PUT|PATCH|DELETE) /;

/** From the first request of a kind on, all are answered in this way. */
function from(what: RegExp, after: number, fault: ProxyFault): Script {
  let seen = 0;
  return ({ method, url }) => {
    if (seen > after) return fault;
    if (what.test(`${method} ${url}`)) seen++;
    return seen > after ? fault : undefined;
  };
}

describe('a cache whose registry does not do what it should', { timeout: 120_000 }, () => {
  let bench: CacheBench;
  let proxy: FaultProxy;
  let registry: RegistryClient;
  let alone: CacheRun;
  let count = 0;

  before(async () => {
    bench = await openCacheBench();
    proxy = await startFaultProxy(bench.host);
    registry = createRegistryClient({
      retry: { attempts: 2, baseDelayMs: 1, maxDelayMs: 2 },
      timeouts: { idleMs: 1000 },
    });
    alone = await bench.run({ '': { text: text() } });
  });
  after(async () => {
    registry.close();
    await proxy.close();
    await bench.close();
  });

  const text = () =>
    `FROM ${bench.base} AS b\nRUN seq 20000 > /one\nFROM ${bench.base}\nCOPY --from=b /one /one\nRUN --mount=type=cache,target=/m cp /one /m/two && wc -l /one > /three\n`;
  const place = (): CacheLocation => ({
    type: 'registry',
    reference: parseReference(`${proxy.host}/faulty-${++count}:onebuild-cache`),
  });
  const image = (): Reference => parseReference(`${bench.host}/faulty-image-${++count}:1`);

  async function run(
    script: Script | undefined,
    more: Partial<BuildAllOptions & TargetOptions>,
  ): Promise<CacheRun> {
    proxy.play(script);
    return bench.run({ '': { text: text() } }, { registry, ...more });
  }

  async function assertPublished(reference: Reference): Promise<void> {
    assert.equal((await bench.registry.resolve(reference)).digest, alone.targets['']?.digest);
  }

  async function assertWhole(at: CacheLocation): Promise<void> {
    const fresh = await run(undefined, { cacheFrom: cacheFrom(at) });
    assert.deepEqual(fresh.warnings, []);
    assert.deepEqual(
      fresh.done.filter((step) => step.startsWith('RUN')),
      [],
    );
    assert.deepEqual(fresh.targets, alone.targets);
  }

  const push = (name: Reference) => [{ type: 'push', names: [name] }] as const;

  for (const status of [401, 403]) {
    it(`that lets read and not write (${status}): the image is there, and one warning`, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      const [at, name] = [place(), image()];
      const refusing = atMatch(writes, { do: 'answer', status });
      const built = await run(refusing, {
        outputs: push(name),
        cacheFrom: cacheFrom(at),
        cacheTo: cacheTo(at, { ignoreError: true, mounts: true }),
      });
      assert.equal(built.warnings.length, 1, built.warnings.join('\n'));
      assert.match(built.warnings[0] ?? '', /^CacheUnwritten: the cache was not written: /);
      assert.deepEqual(built.targets, alone.targets);
      await assertPublished(name);
    });
  }

  it('that does not let write where that matters: one clear error, and the image is there', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const [at, name] = [place(), image()];
    const refusing = atMatch(writes, { do: 'answer', status: 403 });
    await assert.rejects(run(refusing, { outputs: push(name), cacheTo: cacheTo(at) }), (error) => {
      const { code, message, hint } = error as OneBuildError;
      assert.match(code, /^(?:AUTH|REGISTRY)/);
      assert.match(message, /^the cache was not written: /);
      assert.ok(message.includes(proxy.host), message);
      assert.ok(hint.length > 0);
      return true;
    });
    await assertPublished(name);
  });

  it('that dies while it is written, early or late: the image is there, and the next build writes it all', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const faults: readonly ProxyFault[] = [
      { do: 'reset', at: 'request' },
      { do: 'answer', status: 500 },
      { do: 'reset', at: 'answer' },
    ];
    const at = place();
    await run(undefined, { cacheTo: cacheTo(at, { mounts: true }) });
    const requests = proxy.seen.filter(({ method }) => writes.test(`${method} `)).length;
    assert.ok(requests > 4);
    for (const [turn, after] of [0, Math.floor(requests / 2), requests - 1].entries()) {
      const [there, name] = [place(), image()];
      const dying = from(writes, after, faults[turn] ?? assert.fail());
      const target = cacheTo(there, { ignoreError: true, mounts: true });
      const built = await run(dying, { outputs: push(name), cacheTo: target });
      assert.equal(built.warnings.length, 1, built.warnings.join('\n'));
      assert.match(built.warnings[0] ?? '', /^CacheUnwritten: /);
      await assertPublished(name);
      const next = await run(undefined, { home: built.home, cacheTo: target });
      assert.deepEqual(next.warnings, []);
      await assertWhole(there);
    }
  });

  it('that dies while it is read, early or late: the build goes on without', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = place();
    await run(undefined, { cacheTo: cacheTo(at, { mounts: true }) });
    const more = `${text()}RUN cat /three /one | wc -c > /four\n`;
    const wanted = await bench.run({ '': { text: more } });
    const faults: readonly ProxyFault[] = [
      { do: 'reset', at: 'request' },
      { do: 'stall', at: 'request' },
      { do: 'truncate', bytes: 40 },
      { do: 'answer', status: 404 },
      { do: 'garble' },
    ];
    for (const [after, fault] of faults.entries()) {
      proxy.play(from(/^GET /, after % 3, fault));
      const built = await bench.run({ '': { text: more } }, { registry, cacheFrom: cacheFrom(at) });
      assert.deepEqual(built.targets, wanted.targets, JSON.stringify(fault));
      const [warning = '', ...others] = built.warnings;
      assert.deepEqual(others, [], JSON.stringify(fault));
      assert.match(warning, /^(?:CacheUnread|CacheDamaged): |^$/);
      assert.ok(warning !== '' || ('status' in fault && fault.status === 404), JSON.stringify(fault));
    }
  });

  it('that has lost blobs gets them again from the next build that writes', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const at = place();
    const both = { cacheFrom: cacheFrom(at), cacheTo: cacheTo(at, { mounts: true }) };
    const first = await run(undefined, both);
    assert.ok(at.type === 'registry');
    const { repository } = at.reference;
    const blobs = proxy.seen.flatMap(({ method, url }) => {
      const digest = /digest=(sha256(?::|%3A)\w+)/.exec(url)?.[1];
      return method === 'PUT' && digest !== undefined ? [decodeURIComponent(digest)] : [];
    });
    assert.ok(blobs.length > 3);
    const { config } = JSON.parse(
      Buffer.from(
        (await bench.registry.manifest({ ...at.reference, registry: bench.host })).bytes,
      ).toString(),
    ) as { readonly config: { readonly digest: string } };
    for (const digest of blobs) {
      if (digest === config.digest) continue;
      const gone = await fetch(`http://${bench.host}/v2/${repository}/blobs/${digest}`, { method: 'DELETE' });
      assert.equal(gone.status, 202);
    }
    const more = (options: object) =>
      bench.run({ '': { text: `${text()}RUN cat /three /one | wc -c > /four\n` } }, { registry, ...options });
    const healing = await more(both);
    assert.match(healing.warnings.join('\n'), /^CacheDamaged: [^\n]*$/);
    const fresh = await more({ cacheFrom: cacheFrom(at) });
    assert.deepEqual([fresh.warnings, fresh.done], [[], []]);
    assert.deepEqual(fresh.targets, healing.targets);
    assert.deepEqual((await run(undefined, { cacheFrom: cacheFrom(at) })).targets, first.targets);
  });

  for (const when of ['written', 'read'] as const) {
    it(`a build that is canceled while the cache is ${when} ends at once, and leaves nothing`, async (t) => {
      requireProgram(t, 'crun', 'apt-get install crun');
      const [at, home] = [place(), bench.path('home')];
      const caches =
        when === 'read' ? { cacheFrom: cacheFrom(at) } : { cacheTo: cacheTo(at, { mounts: true }) };
      if (when === 'read') await run(undefined, { cacheTo: cacheTo(at, { mounts: true }) });
      const drafts = { '': { text: `${text()}RUN cat /three /one | wc -c > /four\n` } };
      const wanted = await bench.run(drafts);
      for (const after of [0, 1, 3]) {
        const cancel = new AbortController();
        const stalling = from(when === 'read' ? /^GET / : writes, after, { do: 'stall', at: 'request' });
        proxy.play((request) => {
          const fault = stalling(request);
          if (fault !== undefined) setImmediate(() => cancel.abort());
          return fault;
        });
        const canceled = bench.run(drafts, { registry, ...caches, home, signal: cancel.signal });
        await assert.rejects(canceled, (error) => isFault(error, 'CANCELED'));
        assert.deepEqual(readdirSync(join(home, 'tmp')), []);
      }
      proxy.play();
      const built = await bench.run(drafts, { registry, ...caches, home });
      assert.deepEqual([built.targets, built.warnings], [wanted.targets, []]);
      await assertWhole(at);
    });
  }
});
