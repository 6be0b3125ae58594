import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { isFault, type OneBuildError } from '@onebuild/core';
import { type ProxyFault, type ProxyRequest, requireProgram } from '@onebuild/testkit';
import { publishBusybox } from './publish-busybox.ts';
import { type Attempt, openPublishWorld, type Plan, type PublishWorld, type Tags } from './publish-world.ts';

const faults = [
  { do: 'answer', status: 500 },
  { do: 'reset', at: 'answer' },
  { do: 'answer', status: 429 },
  { do: 'reset', at: 'request' },
  { do: 'answer', status: 401 },
] as const satisfies readonly ProxyFault[];

describe('a publication of three targets to two registries', { timeout: 300_000 }, () => {
  let world: PublishWorld;
  let version = 0;
  /** What the tags name between two tries. */
  let old: Tags = {};
  /** Blobs that a failed try had sent. */
  let resumed = 0;

  before(async () => {
    world = await openPublishWorld();
    const { error } = await world.publish(version);
    assert.equal(error, undefined);
    old = await world.oldTags();
  });
  after(() => world.close());

  /** Names without their registry. */
  function listed(error: OneBuildError, ...fields: readonly string[]): readonly string[] {
    const names = fields.flatMap((field) => String(error.details[field] ?? '').split(' '));
    return names.filter((name) => name !== '').map((name) => name.slice(name.indexOf('/') + 1));
  }

  function assertClear({ message, code, hint }: OneBuildError): void {
    assert.notEqual(code, 'INTERNAL', message);
    assert.ok(
      world.proxies.some(({ host }) => message.includes(host)),
      `names no registry: ${message}`,
    );
    assert.match(hint, /The same command/);
  }

  /** All tags are new, and agree between the registries. */
  async function assertPublished(): Promise<Tags> {
    const now = await world.tags();
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
    const failed = await world.publish(number, {
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
      old = await world.oldTags();
      return failed;
    }
    assert.notEqual(options.heals, true, error.message);
    assertClear(error);
    const between = await world.tags();
    const kept = await world.stored(failed.uploads);
    const again = await world.publish(number);
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
    resumed += kept.length;
    const twice = again.uploads.filter((upload) => kept.includes(upload));
    assert.deepEqual(twice, [], 'sent again');
    old = await world.oldTags();
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
    assert.ok(results.length * step > 45, `${results.length} requests`);
    return results;
  }

  it('one fault at each request: every tag stays', async () => {
    const results = await atEach(async (number) => {
      const result = await tryTwice((request) => (request.number === number ? faultAt(number) : undefined));
      if (result.error !== undefined) assert.match(result.error.message, /^no tag has moved: /);
      return result;
    });
    const failures = results.filter(({ error }) => error !== undefined);
    assert.ok(resumed > results.length, `${resumed} blobs were there already`);
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
    const { error } = await world.publish(++version, {
      signal: canceling.signal,
      plan({ method, url }) {
        if (method === 'PUT' && /manifests\/(?!sha256)/.test(url)) canceling.abort();
        return undefined;
      },
    });
    assert.equal(error, undefined);
    await assertPublished();
    old = await world.oldTags();
  });

  it('a killed publication that left tags apart, and a next one that fails: told, too', async () => {
    const number = ++version;
    const between = await world.publish(number);
    assert.equal(between.error, undefined);
    const now = await world.tags();
    const second = world.registries[1];
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
    assert.equal((await world.tags())['mirror/b:latest'], old['mirror/b:latest']);
    const { error } = await world.publish(number, {
      plan: ({ method, url }) =>
        method === 'PUT' && url === `/v2/${path}/latest` ? { do: 'answer', status: 500 } : undefined,
    });
    assert.ok(isFault(error, 'REGISTRY_UNAVAILABLE'));
    assert.deepEqual(listed(error, 'earlier'), ['app/b:latest']);
    assert.match(error.message, /^no tag has moved: .*\nthese named the new image before already: \S+$/);
    assert.equal((await world.publish(number)).error, undefined);
    assert.deepEqual(await world.tags(), now);
    old = await world.oldTags();
  });

  it('a step of one target that fails: nothing is sent to any registry', async (t) => {
    requireProgram(t, 'crun', 'apt-get install crun');
    const base = await publishBusybox(world.registries[0]?.host ?? '', world.scratch);
    old = await world.tags();
    const failing = `FROM ${base}\nRUN echo no; exit 3\n`;
    const writes: string[] = [];
    const { error, requests } = await world.publish(++version, {
      failing,
      plan({ method, url }) {
        if (!/^(?:GET|HEAD)$/.test(method)) writes.push(`${method} ${url}`);
        return undefined;
      },
    });
    assert.ok(isFault(error, 'STEP_FAILED'));
    assert.deepEqual([writes, requests], [[], 0]);
    assert.deepEqual(await world.tags(), old);
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
