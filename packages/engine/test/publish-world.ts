import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  seededBytes,
  startFaultProxy,
  startOneBuildRegistry,
  temporaryFolder,
} from '@onebuild/testkit';
import { testBuildOptions } from './build-options.ts';

/** Decides over a request, counted over both registries; `at`: which of them. */
export type Plan = (request: ProxyRequest, at: number) => ProxyFault | undefined;

export type Tags = Readonly<Record<string, string>>;

export interface Attempt {
  readonly error: OneBuildError | undefined;
  /** Requests to both registries. */
  readonly requests: number;
  /** `REPOSITORY DIGEST` of blobs whose bytes were on their way to a registry. */
  readonly uploads: readonly string[];
}

export interface PublishOptions {
  readonly plan?: Plan;
  readonly attempts?: number;
  readonly signal?: AbortSignal;
  /** Dockerfile of one more target. */
  readonly failing?: string;
}

/** Three targets, one of them for two platforms, and two registries behind proxies: `app/...` is in the first, `mirror/...` in the second. */
export interface PublishWorld {
  readonly scratch: string;
  readonly registries: readonly RegistryService[];
  readonly proxies: readonly FaultProxy[];
  /** Publishes all targets; images differ from number to number. */
  publish(number: number, options?: PublishOptions): Promise<Attempt>;
  /** What all tags of both registries name; each leads to a whole image. */
  tags(): Promise<Tags>;
  /** The same, once the tag that is new each time is removed. */
  oldTags(): Promise<Tags>;
  /** Those of {@link Attempt.uploads} that their repository has. */
  stored(uploads: readonly string[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

export async function openPublishWorld(): Promise<PublishWorld> {
  const scratch = temporaryFolder();
  const context = join(scratch, 'context');
  const home = join(scratch, 'home');
  const registries = await Promise.all([startOneBuildRegistry(), startOneBuildRegistry()]);
  const proxies = await Promise.all(registries.map(({ host }) => startFaultProxy(host)));
  mkdirSync(context);
  for (const name of ['a', 'b', 'c']) writeFileSync(join(context, name), seededBytes(name, 20_000));

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

  async function publish(number: number, options: PublishOptions = {}): Promise<Attempt> {
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

  async function tags(): Promise<Tags> {
    const [first, second] = await Promise.all(registries.map(({ url }) => assertTagsWhole(url)));
    return { ...first, ...second };
  }

  async function oldTags(): Promise<Tags> {
    const answer = await fetch(`${registries[0]?.url}/v2/app/a/manifests/fresh`, { method: 'DELETE' });
    assert.equal(answer.status, 202);
    return tags();
  }

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

  return {
    scratch,
    registries,
    proxies,
    publish,
    tags,
    oldTags,
    stored,
    async close() {
      for (const service of [...proxies, ...registries]) await service.close();
      // Node.js 24 counts requests to connections that broke, and after some thousands may wait for one of them for ever in its own teardown
      process.once('exit', () => process.exit());
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}
