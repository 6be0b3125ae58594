import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { isFault, type OneBuildError } from '@onebuild/core';
import { build } from '@onebuild/engine';
import { parseReference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import {
  assertTagsWhole,
  atRequest,
  type FaultProxy,
  type ProxyFault,
  type RegistryService,
  type Script,
  seededBytes,
  startFaultProxy,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

const base = (host: string) => `${host}/base/files:1`;
/** Reads the base's layer, mounts it into one repository, sends it to another registry. */
const dockerfile = (host: string) =>
  `FROM ${base(host)} AS files\nFROM ${base(host)}\nCOPY --from=files /a /copied\nCOPY own /own\n`;

describe('a build between registries that fail', { timeout: 180_000 }, () => {
  const scratch = temporaryFolder();
  const context = join(scratch, 'context');
  let registry: RegistryService;
  let other: RegistryService;
  let proxy: FaultProxy;
  let otherProxy: FaultProxy;
  let expected: string;
  let count = 0;

  before(async () => {
    registry = await startOneBuildRegistry();
    other = await startOneBuildRegistry();
    proxy = await startFaultProxy(registry.host);
    otherProxy = await startFaultProxy(other.host);
    mkdirSync(context);
    writeFileSync(join(context, 'a'), seededBytes('a', 60_000));
    writeFileSync(join(context, 'own'), seededBytes('own', 30_000));
    const plain = clientOf();
    const image = await build(
      testBuildOptions({
        home: join(scratch, 'base'),
        context: { type: 'folder', path: context },
        dockerfile: { name: 'Dockerfile', text: 'FROM scratch\nCOPY a /a\n' },
        outputs: [{ type: 'push', names: [parseReference(base(registry.host))] }],
        registry: plain,
      }),
    );
    plain.close();
    assert.equal(image.images.length, 1);
    const { digest, error } = await attempt('first');
    assert.equal(error, undefined);
    assert.ok(digest);
    expected = digest;
  });
  after(async () => {
    for (const service of [proxy, otherProxy, registry, other]) await service.close();
    rmSync(scratch, { recursive: true, force: true });
  });

  const clientOf = (): RegistryClient =>
    createRegistryClient({ retry: { attempts: 3, baseDelayMs: 1 }, timeouts: { idleMs: 2000 } });

  /** One script for both proxies, so that requests are counted over both. */
  function play(script: Script): { readonly requests: () => number; readonly tagWrites: () => number } {
    let requests = 0;
    let tagWrites = 0;
    const shared: Script = (request) => {
      requests++;
      const fault = script({ ...request, number: requests });
      const heard = fault === undefined || ('at' in fault && fault.at !== 'request');
      if (heard && request.method === 'PUT' && request.url.endsWith('/manifests/new')) tagWrites++;
      return fault;
    };
    proxy.play(shared);
    otherProxy.play(shared);
    return { requests: () => requests, tagWrites: () => tagWrites };
  }

  /** Builds with a store of its own, and pushes to both registries. */
  async function attempt(name: string): Promise<{ digest?: string; error?: unknown }> {
    const home = join(scratch, `home-${count++}`);
    const client = clientOf();
    const request = testBuildOptions({
      home,
      context: { type: 'folder', path: context },
      dockerfile: { name: 'Dockerfile', text: dockerfile(proxy.host) },
      outputs: [
        {
          type: 'push',
          names: [proxy, otherProxy].map(({ host }) => parseReference(`${host}/app/${name}:new`)),
        },
      ],
      registry: client,
    });
    try {
      const { images } = await build(request);
      return { digest: images[0]?.digest ?? '' };
    } catch (error) {
      return { error };
    } finally {
      assert.equal(request.events.at(-1)?.type, 'build.finished');
      client.close();
      rmSync(home, { recursive: true, force: true });
    }
  }

  function assertClear(error: unknown): asserts error is OneBuildError {
    assert.ok(isFault(error), String((error as Error | undefined)?.stack));
    const { message } = error;
    assert.notEqual(error.code, 'INTERNAL', message);
    const named = [proxy, otherProxy].some(({ host }) => message.includes(`${host}/`));
    assert.ok(named, `names no registry: ${message}`);
    assert.match(message, /\/(?:base\/files|app\/[a-z0-9-]+)/);
    assert.ok(message.length < 900 && message.split('\n').length < 4, message);
  }

  const others: readonly ProxyFault[] = [
    { do: 'garble' },
    { do: 'answer', status: 503 },
    { do: 'garble upload' },
    { do: 'reset', at: 'body', bytes: 300 },
    { do: 'truncate', bytes: 300 },
  ];
  const faults: Readonly<Record<string, (number: number) => ProxyFault>> = {
    'a reset before the registry hears of it': () => ({ do: 'reset', at: 'request' }),
    'a reset when the registry has done it': () => ({ do: 'reset', at: 'answer' }),
    'one or the other thing': (number) => others[number % others.length] as ProxyFault,
  };

  for (const [what, faultAt] of Object.entries(faults)) {
    it(`${what}, at each request`, async () => {
      for (let number = 1; ; number++) {
        const fault = faultAt(number);
        const played = play(atRequest(number, fault));
        const { digest, error } = await attempt(`${what.replaceAll(' ', '-')}-${number}`);
        if (error === undefined) assert.equal(digest, expected);
        else {
          // what was given on or sent cannot be taken back; all else heals
          assertClear(error);
          assert.match(fault.do, /^garble/, error.message);
        }
        if (played.requests() < number) {
          assert.ok(number > 20, `${number} requests`);
          break;
        }
      }
    });
  }

  it('resets from each request on: no tag that is not whole, and none that was not asked for', async () => {
    const untouched: string[] = [];
    let last = '';
    for (let number = 1; ; number++) {
      last = `app/on-${number}:new`;
      const played = play(atRequest(number, { do: 'reset', at: 'request' }, { on: true }));
      const { digest, error } = await attempt(`on-${number}`);
      if (played.requests() < number) {
        assert.equal(digest, expected);
        break;
      }
      assertClear(error);
      if (played.tagWrites() === 0) untouched.push(last);
    }
    const tags = await assertTagsWhole(registry.url);
    const otherTags = await assertTagsWhole(other.url);
    assert.equal(tags[last], expected);
    assert.equal(otherTags[last], expected);
    assert.ok(untouched.length > 15, `${untouched.length} builds`);
    for (const tag of untouched) assert.deepEqual([tags[tag], otherTags[tag]], [undefined, undefined]);
  });

  it('a tag whose move was answered by nobody goes back, and with it the others', async () => {
    const script: Script = ({ method, url, headers }) =>
      method === 'PUT' && url.endsWith('/manifests/new') && headers.host === otherProxy.host
        ? { do: 'reset', at: 'answer' }
        : undefined;
    play(script);
    const { error } = await attempt('unanswered');
    assertClear(error);
    assert.match(error.message, /^no tag has moved: /);
    assert.equal((await assertTagsWhole(registry.url))['app/unanswered:new'], undefined);
    assert.equal((await assertTagsWhole(other.url))['app/unanswered:new'], undefined);
  });
});
