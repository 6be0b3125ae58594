import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isFault, type OneBuildError } from '@onebuild/core';
import { buildAll, type TargetOptions } from '@onebuild/engine';
import { parsePlatform, parseReference } from '@onebuild/oci';
import { createRegistryClient } from '@onebuild/registry/client';
import {
  assertTagsWhole,
  type FaultProxy,
  type ProxyFault,
  type ProxyRequest,
  type RegistryService,
  requireProgram,
  seededBytes,
  startFaultProxy,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';
import { publishBusybox } from './publish-busybox.ts';

/** Decides over a request, counted over both registries; `at`: which of them. */
type Plan = (request: ProxyRequest, at: number) => ProxyFault | undefined;

type Tags = Readonly<Record<string, string>>;

interface Attempt {
  readonly error: OneBuildError | undefined;
  /** Requests to both registries. */
  readonly requests: number;
  /** `REPOSITORY DIGEST` of blobs whose bytes were on their way to a registry. */
  readonly uploads: readonly string[];
}

const faults = [
  { do: 'answer', status: 500 },
  { do: 'reset', at: 'answer' },
  { do: 'answer', status: 429 },
  { do: 'reset', at: 'request' },
  { do: 'answer', status: 401 },
] as const satisfies readonly ProxyFault[];

describe('a publication of three targets to two registries', { timeout: 300_000 }, () => {
  const scratch = temporaryFolder();
  const context = join(scratch, 'context');
  const home = join(scratch, 'home');
  let registries: readonly RegistryService[] = [];
  let proxies: readonly FaultProxy[] = [];
  let version = 0;
  /** What the tags name between two tries. */
  let old: Tags = {};

  before(async () => {
    registries = await Promise.all([startOneBuildRegistry(), startOneBuildRegistry()]);
    proxies = await Promise.all(registries.map(({ host }) => startFaultProxy(host)));
    mkdirSync(context);
    for (const name of ['a', 'b', 'c']) writeFileSync(join(context, name), seededBytes(name, 20_000));
    const { error } = await publish(version);
    assert.equal(error, undefined);
    old = await oldTags();
  });
  after(async () => {
    for (const service of [...proxies, ...registries]) await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  /** Each target has a tag in both registries; `fresh` is one that is new each time. */
  function targetsOf(number: number): readonly TargetOptions[] {
    const platforms = ['linux/amd64', 'linux/arm64'].map((name) => parsePlatform(name));
    const plain = testBuildOptions({ home, context: { type: 'folder', path: context } });
    return ['a', 'b', 'c'].map((name) => ({
      ...plain,
      name,
      dockerfile: {
        name: `Dockerfile.${name}`,
        text: `FROM scratch\nCOPY ${name} /\nCOPY <<EOF /version\n${number}\nEOF\n`,
      },
      platforms: name === 'b' ? platforms : platforms.slice(0, 1),
      outputs: [
        {
          type: 'push',
          names: [`app/${name}:latest`, `mirror/${name}:latest`, ...(name === 'a' ? ['app/a:fresh'] : [])]
            .map((path) => `${proxies[path.startsWith('app/') ? 0 : 1]?.host}/${path}`)
            .map((text) => parseReference(text)),
        },
      ],
    }));
  }

  async function publish(
    number: number,
    options: {
      readonly plan?: Plan;
      readonly attempts?: number;
      readonly signal?: AbortSignal;
      /** Dockerfile of one more target. */
      readonly failing?: string;
    } = {},
  ): Promise<Attempt> {
    const { plan = () => undefined, attempts = 1, signal = new AbortController().signal } = options;
    let requests = 0;
    const uploads: string[] = [];
    for (const [at, proxy] of proxies.entries()) {
      proxy.play((request) => {
        requests++;
        const fault = plan({ ...request, number: requests }, at);
        const [, repository, digest] = /^\/v2\/(.+)\/blobs\/uploads\/.*digest=(.+)$/.exec(request.url) ?? [];
        const heard = fault === undefined || ('at' in fault && fault.at === 'answer');
        if (heard && request.method === 'PUT' && digest !== undefined)
          uploads.push(`${repository} ${decodeURIComponent(digest)}`);
        return fault;
      });
    }
    const registry = createRegistryClient({ retry: { attempts, baseDelayMs: 1 } });
    const plain = testBuildOptions({ home, context: { type: 'folder', path: context } });
    try {
      const text = options.failing;
      const more = text === undefined ? [] : [{ ...plain, name: 'more', dockerfile: { name: 'more', text } }];
      await buildAll({ ...plain, signal, registry, targets: [...targetsOf(number), ...more] });
      return { error: undefined, requests, uploads };
    } catch (error) {
      assert.ok(isFault(error), String(error));
      return { error, requests, uploads };
    } finally {
      registry.close();
      for (const proxy of proxies) proxy.play();
    }
  }

  /** What all tags of both registries name; each leads to a whole image. */
  async function tags(): Promise<Tags> {
    const [first, second] = await Promise.all(registries.map(({ url }) => assertTagsWhole(url)));
    return { ...first, ...second };
  }

  async function oldTags(): Promise<Tags> {
    const answer = await fetch(`${registries[0]?.url}/v2/app/a/manifests/fresh`, { method: 'DELETE' });
    assert.equal(answer.status, 202);
    return tags();
  }

  /** Those whose repository has them. */
  async function stored(uploads: readonly string[]): Promise<readonly string[]> {
    const found = await Promise.all(
      uploads.map(async (upload) => {
        const [repository = '', digest] = upload.split(' ');
        const url = registries[repository.startsWith('app/') ? 0 : 1]?.url;
        const { status } = await fetch(`${url}/v2/${repository}/blobs/${digest}`, { method: 'HEAD' });
        return status === 200 ? [upload] : [];
      }),
    );
    return found.flat();
  }

  /** Names without their registry. */
  function listed(error: OneBuildError, ...fields: readonly string[]): readonly string[] {
    const names = fields.flatMap((field) => String(error.details[field] ?? '').split(' '));
    return names.filter((name) => name !== '').map((name) => name.slice(name.indexOf('/') + 1));
  }

  function assertClear({ message, code, hint }: OneBuildError): void {
    assert.notEqual(code, 'INTERNAL', message);
    assert.ok(
      proxies.some(({ host }) => message.includes(host)),
      `names no registry: ${message}`,
    );
    assert.match(hint, /The same command/);
  }

  /** All tags are new, and agree between the registries. */
  async function assertPublished(): Promise<Tags> {
    const now = await tags();
    for (const name of ['a', 'b', 'c']) {
      assert.notEqual(now[`app/${name}:latest`], old[`app/${name}:latest`]);
      assert.equal(now[`app/${name}:latest`], now[`mirror/${name}:latest`], name);
    }
    assert.equal(now['app/a:fresh'], now['app/a:latest']);
    return now;
  }

  /** One try that is disturbed and, where it failed, one that isn't. */
  async function tryTwice(plan: Plan, options: { readonly heals?: boolean } = {}): Promise<Attempt> {
    const number = ++version;
    let victim: number | undefined;
    const failed = await publish(number, {
      attempts: options.heals === true ? 3 : 1,
      plan(request, at) {
        const fault = plan(request, at);
        if (fault !== undefined) victim ??= at;
        return fault;
      },
    });
    const { error } = failed;
    if (error === undefined) {
      await assertPublished();
      old = await oldTags();
      return failed;
    }
    assert.notEqual(options.heals, true, error.message);
    assertClear(error);
    const between = await tags();
    const kept = await stored(failed.uploads);
    const again = await publish(number);
    assert.equal(again.error, undefined);
    const now = await assertPublished();
    const changed = Object.keys(now).filter((name) => between[name] !== old[name]);
    for (const name of changed) {
      assert.equal(between[name], now[name], `${name} names something else`);
      assert.ok(listed(error, 'moved', 'unknown').includes(name), `${name} is not told: ${error.message}`);
      assert.equal(name.startsWith('app/') ? 0 : 1, victim, `${name} is in the registry that is well`);
    }
    for (const name of listed(error, 'moved')) assert.ok(changed.includes(name), `${name} has not moved`);
    assert.match(error.message, changed.length === 0 ? /^no tag (?:has|is known to have) moved: / : /^no/);
    const twice = again.uploads.filter((upload) => kept.includes(upload));
    assert.deepEqual(twice, [], 'sent again');
    old = await oldTags();
    return failed;
  }

  /** Does it for each request, from the first to the last that an undisturbed publication has. */
  async function atEach(
    disturb: (number: number) => Promise<Attempt>,
    step = 1,
  ): Promise<readonly Attempt[]> {
    const results: Attempt[] = [];
    for (let number = 1; ; number += step) {
      const result = await disturb(number);
      if (result.requests < number) break;
      results.push(result);
    }
    assert.ok(results.length * step > 60, `${results.length} requests`);
    return results;
  }

  it('one fault at each request: every tag stays', async () => {
    const results = await atEach(async (number) => {
      const result = await tryTwice((request) => (request.number === number ? faultAt(number) : undefined));
      if (result.error !== undefined) assert.match(result.error.message, /^no tag has moved: /);
      return result;
    });
    const failures = results.filter(({ error }) => error !== undefined);
    assert.ok(failures.length > results.length / 2, `${failures.length} of ${results.length} failed`);
  });

  it('a registry that is dead from each request on: what it may keep is told', async () => {
    await atEach((number) => tryTwice(deadFrom((request) => request.number === number, faultAt(number + 2))));
  });

  it('whatever kills a registry while tags move', async () => {
    for (const fault of faults) {
      for (const url of ['/v2/app/a/manifests/fresh', '/v2/mirror/c/manifests/latest'])
        await tryTwice(deadFrom((request) => request.method === 'PUT' && request.url === url, fault));
    }
  });

  it('one fault at every fourth request, and a client that tries again: all is published', async () => {
    const healing = faults.filter((fault) => fault.do !== 'answer' || fault.status !== 401);
    await atEach((number) => {
      const fault = healing[(number >> 2) % healing.length];
      return tryTwice((request) => (request.number === number ? fault : undefined), { heals: true });
    }, 4);
  });

  it('canceled when the first tag moves: all do', async () => {
    const canceling = new AbortController();
    const { error } = await publish(++version, {
      signal: canceling.signal,
      plan({ method, url }) {
        if (method === 'PUT' && /manifests\/(?!sha256)/.test(url)) canceling.abort();
        return undefined;
      },
    });
    assert.equal(error, undefined);
    await assertPublished();
    old = await oldTags();
  });

  it('a killed publication that left tags apart, and a next one that fails: told, too', async () => {
    const number = ++version;
    const between = await publish(number);
    assert.equal(between.error, undefined);
    const now = await tags();
    const second = registries[1];
    // as a kill between two tags leaves it
    const path = 'mirror/b/manifests';
    const before = await fetch(`${second?.url}/v2/${path}/${old['mirror/b:latest']}`, {
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    await fetch(`${second?.url}/v2/${path}/latest`, {
      method: 'PUT',
      headers: { 'content-type': before.headers.get('content-type') ?? '' },
      body: await before.arrayBuffer(),
    });
    assert.equal((await tags())['mirror/b:latest'], old['mirror/b:latest']);
    const { error } = await publish(number, {
      plan: ({ method, url }) =>
        method === 'PUT' && url === `/v2/${path}/latest` ? { do: 'answer', status: 500 } : undefined,
    });
    assert.ok(isFault(error, 'REGISTRY_UNAVAILABLE'));
    assert.deepEqual(listed(error, 'earlier'), ['app/b:latest']);
    assert.match(error.message, /^no tag has moved: .*\nthese named the new image before already: \S+$/);
    assert.equal((await publish(number)).error, undefined);
    assert.deepEqual(await tags(), now);
    old = await oldTags();
  });

  it('a step of one target that fails: nothing is sent to any registry', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const base = await publishBusybox(registries[0]?.host ?? '', scratch);
    old = await tags();
    const failing = `FROM ${base}\nRUN echo no; exit 3\n`;
    const writes: string[] = [];
    const { error, requests } = await publish(++version, {
      failing,
      plan({ method, url }) {
        if (!/^(?:GET|HEAD)$/.test(method)) writes.push(`${method} ${url}`);
        return undefined;
      },
    });
    assert.ok(isFault(error, 'STEP_FAILED'));
    assert.deepEqual([writes, requests], [[], 0]);
    assert.deepEqual(await tags(), old);
  });
});

/** One registry, from the first request that is meant. */
function deadFrom(isFirst: (request: ProxyRequest) => boolean, fault: ProxyFault): Plan {
  let dead: number | undefined;
  return (request, at) => {
    if (isFirst(request)) dead = at;
    return dead === at ? fault : undefined;
  };
}

/** All kinds in turn. */
function faultAt(number: number): ProxyFault {
  return faults[number % faults.length] ?? faults[0];
}
