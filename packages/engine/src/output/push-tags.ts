import { fault, isFault } from '@onebuild/core';
import { type Descriptor, formatReference } from '@onebuild/oci';
import type { RegistryClient, Repository } from '@onebuild/registry/client';
import { publicationFault, type TagState } from './push-fault.ts';

interface Top {
  readonly bytes: Uint8Array;
  readonly descriptor: Descriptor;
}

/** A tag, and what it shall name. */
export interface PushTag {
  readonly name: string;
  readonly reference: Repository & { readonly tag: string };
  readonly top: Top;
}

/** What a tag named before: an image, nothing, or what nobody may tell us. */
export type TagBefore = Descriptor | 'missing' | 'unknown';

/** Every tag once. */
export function pushTags(
  places: readonly {
    readonly repository: Repository;
    readonly tags: readonly string[];
    readonly top: Top;
  }[],
): readonly PushTag[] {
  const all = places.flatMap(({ repository, tags, top }) =>
    tags.map((tag): readonly [string, PushTag] => {
      const reference = { ...repository, tag };
      const name = formatReference(reference);
      return [name, { name, reference, top }];
    }),
  );
  return [...new Map(all).values()];
}

/** What each tag names now, by name. A registry that doesn't let us look may let us push all the same. */
export async function tagsBefore(
  tags: readonly PushTag[],
  { registry, signal }: { readonly registry: RegistryClient; readonly signal: AbortSignal },
): Promise<ReadonlyMap<string, TagBefore>> {
  const found = new Map<string, TagBefore>();
  await Promise.all(
    tags.map(async ({ name, reference }) => {
      try {
        found.set(name, await registry.resolve(reference, { signal, purpose: 'push' }));
      } catch (error) {
        if (isFault(error, 'MANIFEST_NOT_FOUND')) found.set(name, 'missing');
        else if (isFault(error, 'REGISTRY_DENIED', 'REGISTRY_UNAUTHORIZED')) found.set(name, 'unknown');
        else throw error;
      }
    }),
  );
  return found;
}

/** Whether a tag names an image already. */
export function isNamed(before: TagBefore | undefined, { descriptor }: Top): boolean {
  return typeof before === 'object' && before.digest === descriptor.digest;
}

/**
 * Where tags stand that nothing has been done to. A tag that names its image already is worth a word where another one of the same image
 * doesn't: a publication that was killed may have left them so.
 */
export function tagStates(
  tags: readonly PushTag[],
  before: ReadonlyMap<string, TagBefore>,
): ReadonlyMap<string, TagState> {
  const named = (tag: PushTag) => isNamed(before.get(tag.name), tag.top);
  const split = new Set(tags.filter((tag) => !named(tag)).map(({ top }) => top.descriptor.digest));
  return new Map(
    tags.map((tag) => [tag.name, named(tag) && split.has(tag.top.descriptor.digest) ? 'earlier' : 'kept']),
  );
}

export interface MoveOptions {
  readonly registry: RegistryClient;
  readonly signal: AbortSignal;
  /** With those that name their image already. */
  readonly all: readonly PushTag[];
  /** Milliseconds that requests under way still have when the build is canceled: a request that is broken off may be served all the same. */
  readonly patienceMs?: number;
}

/** Milliseconds after which a registry that does not answer is left as it is, and told of. */
const takeBackMs = 60_000;

/**
 * Moves all tags, side by side. Registries have no transactions: when one tag cannot be moved, those that were go back to what they
 * named before; a registry that has died in between may keep one. Once this has begun, a build that is canceled still ends it.
 * @throws the first failure, with what is where: {@link publicationFault}
 */
export async function moveTags(
  tags: readonly PushTag[],
  before: ReadonlyMap<string, TagBefore>,
  { registry, signal, all, patienceMs = 5_000 }: MoveOptions,
): Promise<void> {
  const states = new Map(tagStates(all, before));
  if (signal.aborted) throw publicationFault(fault('CANCELED', 'the build was canceled'), states);
  using late = lateSignal(signal, patienceMs);
  const results = await Promise.allSettled(
    tags.map(({ reference, top: { bytes, descriptor } }) =>
      registry.pushManifest(
        reference,
        { bytes, mediaType: descriptor.mediaType, tag: reference.tag },
        { signal: late.signal },
      ),
    ),
  );
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return;
  const services = { registry, signal: AbortSignal.timeout(takeBackMs) };
  await Promise.all(
    tags.map(async (tag, at) => {
      const was = before.get(tag.name) ?? 'unknown';
      if (isNamed(was, tag.top)) return;
      const brokenOff = late.signal.aborted && results[at]?.status === 'rejected';
      states.set(tag.name, await takeBack(tag, was, { ...services, brokenOff }));
    }),
  );
  throw publicationFault(failure.reason, states);
}

/** Aborts so much later than `signal`. */
function lateSignal(signal: AbortSignal, ms: number): { readonly signal: AbortSignal } & Disposable {
  const late = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const start = () => {
    timer = setTimeout(() => late.abort(), ms);
  };
  signal.addEventListener('abort', start, { once: true });
  return {
    signal: late.signal,
    [Symbol.dispose]() {
      signal.removeEventListener('abort', start);
      clearTimeout(timer);
    },
  };
}

interface TakeBackServices {
  readonly registry: RegistryClient;
  readonly signal: AbortSignal;
}

/**
 * An answer that was lost says nothing about the tag, so each one is looked at. What somebody else moved on meanwhile stays.
 * A request that was broken off may be served after the look, so a tag that has not moved by then may still.
 */
async function takeBack(
  tag: PushTag,
  before: TagBefore,
  { brokenOff, ...services }: TakeBackServices & { readonly brokenOff: boolean },
): Promise<TagState> {
  const state = await stateOf(tag, services);
  if (state === 'kept' && brokenOff) return 'unknown';
  if (state !== 'moved' || before === 'unknown') return state;
  try {
    await putBack(tag.reference, before, services);
    return 'kept';
  } catch {
    return stateOf(tag, services);
  }
}

async function stateOf(
  { reference, top }: PushTag,
  { registry, signal }: TakeBackServices,
): Promise<TagState> {
  try {
    const { digest } = await registry.resolve(reference, { signal, purpose: 'push' });
    return digest === top.descriptor.digest ? 'moved' : 'kept';
  } catch (error) {
    return isFault(error, 'MANIFEST_NOT_FOUND') ? 'kept' : 'unknown';
  }
}

async function putBack(
  place: PushTag['reference'],
  old: Descriptor | 'missing',
  { registry, signal }: TakeBackServices,
): Promise<void> {
  if (old === 'missing') {
    await registry.deleteManifest(place, { signal });
    return;
  }
  const { tag, ...repository } = place;
  const { bytes } = await registry.manifest(
    { ...repository, digest: old.digest },
    { signal, purpose: 'push' },
  );
  await registry.pushManifest(repository, { bytes, mediaType: old.mediaType, tag }, { signal });
}
