import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { fault, isFault, type OneBuildError } from '@onebuild/core';
import { digestOf, encodeJson, formatReference, mediaTypes, parseReference } from '@onebuild/oci';
import { createRegistryClient, type RegistryClient } from '@onebuild/registry/client';
import { startOneBuildRegistry } from '@onebuild/testkit';
import { moveTags, type PushTag, tagsBefore } from './push-tags.ts';

/** An index of nothing: a manifest that needs no blob. */
function indexOf(text: string): PushTag['top'] {
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: [],
    annotations: { text },
  });
  return {
    bytes,
    descriptor: { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.length },
  };
}

async function setUp(t: { after(fn: () => Promise<void>): void }) {
  const service = await startOneBuildRegistry();
  const registry = createRegistryClient({ retry: { attempts: 1 } });
  t.after(async () => {
    registry.close();
    await service.close();
  });
  const tagOf = (name: string, text: string): PushTag => {
    const { repository, tag = '' } = parseReference(`${service.host}/${name}`);
    const reference = { registry: service.host, repository, tag };
    return { name: formatReference(reference), reference, top: indexOf(text) };
  };
  const put = ({ reference, top }: PushTag) =>
    registry.pushManifest(reference, {
      bytes: top.bytes,
      mediaType: top.descriptor.mediaType,
      tag: reference.tag,
    });
  const digestAt = async ({ reference }: PushTag) => {
    try {
      return (await registry.resolve(reference)).digest;
    } catch (error) {
      return isFault(error, 'MANIFEST_NOT_FOUND') ? undefined : Promise.reject(error);
    }
  };
  /** Moves tags with a client that is broken in some way; gives the fault. */
  const fail = async (
    tags: readonly PushTag[],
    {
      signal = new AbortController().signal,
      ...broken
    }: Partial<RegistryClient> & { readonly signal?: AbortSignal },
  ): Promise<OneBuildError> => {
    const options = { registry: { ...registry, ...broken }, signal, all: tags, patienceMs: 1 };
    const before = await tagsBefore(tags, {
      registry: options.registry,
      signal: new AbortController().signal,
    });
    return moveTags(tags, before, options).then(
      () => assert.fail('all tags were moved'),
      (error: unknown) => {
        assert.ok(isFault(error));
        return error;
      },
    );
  };
  /** The tag `bad` cannot be moved. */
  const refusing: RegistryClient['pushManifest'] = (repository, manifest, options) =>
    manifest.tag === 'bad'
      ? Promise.reject(fault('REGISTRY_UNAVAILABLE', 'it is down'))
      : registry.pushManifest(repository, manifest, options);
  return { registry, tagOf, put, digestAt, fail, refusing };
}

describe('tags that cannot all be moved', () => {
  it('go back: to what they named, or to nothing', async (t) => {
    const { tagOf, put, digestAt, fail, refusing } = await setUp(t);
    const old = tagOf('a:old', 'before');
    await put(old);
    const tags = [tagOf('a:old', 'new'), tagOf('a:fresh', 'new'), tagOf('b:bad', 'new')];
    const error = await fail(tags, { pushManifest: refusing });
    assert.equal(error.code, 'REGISTRY_UNAVAILABLE');
    assert.equal(error.message, 'no tag has moved: it is down');
    assert.match(error.hint, /^Try again later\. The same command goes on where this one ended/);
    assert.deepEqual(await Promise.all(tags.map(digestAt)), [
      old.top.descriptor.digest,
      undefined,
      undefined,
    ]);
  });

  it('are told where a registry removes no tags', async (t) => {
    const { tagOf, digestAt, fail, refusing } = await setUp(t);
    const tags = [tagOf('a:fresh', 'new'), tagOf('b:bad', 'new')];
    const deleteManifest = () => Promise.reject(fault('REGISTRY_UNSUPPORTED', 'it keeps everything'));
    const error = await fail(tags, { pushManifest: refusing, deleteManifest });
    assert.equal(
      error.message,
      `not all tags could be moved, and not all put back: it is down\nthese name the new image: ${tags[0]?.name}\nall others name what they did before`,
    );
    assert.deepEqual(error.details, { moved: tags[0]?.name });
    assert.match(error.hint, /The same command moves them all/);
    assert.deepEqual(await Promise.all(tags.map(digestAt)), [tags[0]?.top.descriptor.digest, undefined]);
  });

  it('are told where a registry says nothing any more', async (t) => {
    const { registry, tagOf, fail, refusing } = await setUp(t);
    const tags = [tagOf('a:one', 'new'), tagOf('b:bad', 'new')];
    let looks = 0;
    const resolve: RegistryClient['resolve'] = (reference, options) =>
      reference.tag === 'bad' && ++looks > 1
        ? Promise.reject(fault('REGISTRY_UNREACHABLE', 'nobody there'))
        : registry.resolve(reference, options);
    const error = await fail(tags, { pushManifest: refusing, resolve });
    assert.match(error.message, /^no tag is known to have moved: it is down\n/);
    assert.deepEqual(error.details, { unknown: tags[1]?.name });
  });

  it('are not removed where nobody could see what they named', async (t) => {
    const { registry, tagOf, put, digestAt, fail, refusing } = await setUp(t);
    const tags = [tagOf('a:hidden', 'new'), tagOf('b:bad', 'new')];
    await put(tagOf('a:hidden', 'before'));
    let looks = 0;
    const resolve: RegistryClient['resolve'] = (reference, options) =>
      reference.tag === 'hidden' && ++looks === 1
        ? Promise.reject(fault('REGISTRY_DENIED', 'no'))
        : registry.resolve(reference, options);
    const error = await fail(tags, { pushManifest: refusing, resolve });
    assert.deepEqual(error.details, { moved: tags[0]?.name });
    assert.equal(await digestAt(tags[0] as PushTag), tags[0]?.top.descriptor.digest);
  });

  it('stay where somebody else has put them meanwhile', async (t) => {
    const { registry, tagOf, put, digestAt, fail } = await setUp(t);
    const tags = [tagOf('a:old', 'new'), tagOf('b:bad', 'new')];
    const others = tagOf('a:old', 'of somebody else');
    await put(tagOf('a:old', 'before'));
    const pushManifest: RegistryClient['pushManifest'] = async (repository, manifest, options) => {
      if (manifest.tag !== 'bad') return registry.pushManifest(repository, manifest, options);
      while ((await digestAt(others)) !== tags[0]?.top.descriptor.digest);
      await put(others);
      throw fault('REGISTRY_UNAVAILABLE', 'it is down');
    };
    const error = await fail(tags, { pushManifest });
    assert.match(error.message, /^no tag has moved: /);
    assert.equal(await digestAt(others), others.top.descriptor.digest);
  });

  it('go back when the build is canceled and one does not come to an end', async (t) => {
    const { registry, tagOf, digestAt, fail } = await setUp(t);
    const tags = [tagOf('a:fresh', 'new'), tagOf('b:bad', 'new')] as const;
    const canceling = new AbortController();
    const pushManifest: RegistryClient['pushManifest'] = async (repository, manifest, options) => {
      const pushed = await registry.pushManifest(repository, manifest, options);
      if (manifest.tag !== 'bad') return pushed;
      while ((await digestAt(tags[0])) === undefined);
      canceling.abort();
      await once(options?.signal ?? canceling.signal, 'abort');
      throw fault('CANCELED', 'no answer came');
    };
    const error = await fail(tags, { pushManifest, signal: canceling.signal });
    assert.match(error.message, /^no tag has moved: (?:no answer came|the request to \S+ was canceled)$/);
    assert.deepEqual(await Promise.all(tags.map(digestAt)), [undefined, undefined]);
  });

  it('are not said to be as before when a request for one was broken off and may yet be served', async (t) => {
    const { tagOf, fail } = await setUp(t);
    const tags = [tagOf('a:slow', 'new')] as const;
    const canceling = new AbortController();
    const pushManifest: RegistryClient['pushManifest'] = async (_repository, _manifest, options) => {
      canceling.abort();
      await once(options?.signal ?? canceling.signal, 'abort');
      throw fault('CANCELED', 'no answer came');
    };
    const error = await fail(tags, { pushManifest, signal: canceling.signal });
    assert.match(error.message, /^no tag is known to have moved: no answer came\n/);
    assert.deepEqual(error.details, { unknown: tags[0].name });
  });

  it('do not start to when the build was canceled', async (t) => {
    const { tagOf, digestAt, fail } = await setUp(t);
    const tags = [tagOf('a:fresh', 'new')];
    assert.equal((await fail(tags, { signal: AbortSignal.abort() })).code, 'CANCELED');
    assert.equal(await digestAt(tags[0] as PushTag), undefined);
  });

  it('names in a message are bounded, in the details they are not', async (t) => {
    const { tagOf, fail, refusing } = await setUp(t);
    const tags = Array.from({ length: 30 }, (_, at) => tagOf(`a:t${at}`, 'new'));
    const deleteManifest = () => Promise.reject(fault('REGISTRY_UNSUPPORTED', 'it keeps everything'));
    const error = await fail([...tags, tagOf('b:bad', 'new')], { pushManifest: refusing, deleteManifest });
    assert.match(error.message, / and 10 more\n/);
    assert.equal(String(error.details.moved).split(' ').length, 30);
  });
});
