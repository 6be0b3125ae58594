import { fault, withFact } from '@onebuild/core';
import {
  type Descriptor,
  familiarReference,
  formatPlatform,
  type ImageConfig,
  type Manifest,
  matchPlatform,
  type Platform,
  parseImageConfig,
  parseManifest,
  parseReference,
  type Reference,
} from '@onebuild/oci';
import type { RegistryClient } from '@onebuild/registry/client';
import type { BaseBlob } from '../stack/layer.ts';
import type { Store } from '../store/store.ts';

/** An image that a stage starts from or takes files from, found for one platform. Its layers are still where they were. */
export interface SourceImage {
  /** As users write it. */
  readonly name: string;
  readonly digest: string;
  readonly platform: Platform;
  readonly config: ImageConfig;
  readonly layers: readonly BaseBlob[];
}

export interface ImageSource {
  /** @throws REFERENCE_INVALID, MANIFEST_NOT_FOUND, PLATFORM_MISSING, REGISTRY_* */
  find(name: string, platform: Platform, signal: AbortSignal): Promise<SourceImage>;
}

/** Images of registries. Manifests and configs are kept in the store by digest; a tag is asked for each time. */
export function createImageSource(services: {
  readonly registry: RegistryClient;
  readonly store: Store;
}): ImageSource {
  const { registry, store } = services;
  const found = new Map<string, Promise<SourceImage>>();

  async function bytesOf(
    reference: Reference,
    descriptor: Descriptor,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    if ((await store.blobs.size(descriptor.digest)) !== undefined) return store.blobs.read(descriptor.digest);
    const isManifest = /manifest|index/.test(descriptor.mediaType);
    const { tag: _, ...repository } = reference;
    const chunks: Uint8Array[] = [];
    if (isManifest)
      chunks.push((await registry.manifest({ ...repository, digest: descriptor.digest }, { signal })).bytes);
    else for await (const chunk of registry.blob(repository, descriptor, { signal })) chunks.push(chunk);
    const writer = await store.blobs.create();
    try {
      for (const chunk of chunks) await writer.write(chunk);
      await writer.commit({ digest: descriptor.digest });
    } finally {
      await writer.abort();
    }
    return Buffer.concat(chunks);
  }

  async function manifestOf(
    reference: Reference,
    platform: Platform,
    signal: AbortSignal,
  ): Promise<{ readonly manifest: Manifest; readonly descriptor: Descriptor }> {
    let descriptor = await registry.resolve(reference, { signal });
    let parsed = parseManifest(await bytesOf(reference, descriptor, signal), descriptor.mediaType);
    if (parsed.kind === 'index') {
      const child = matchPlatform(parsed.value.manifests, platform);
      if (child === undefined) throw missing(reference, platform, parsed.value.manifests);
      descriptor = child;
      parsed = parseManifest(await bytesOf(reference, child, signal), child.mediaType);
    }
    if (parsed.kind === 'index') throw fault('MANIFEST_INVALID', 'an index inside an index');
    return { manifest: parsed.value, descriptor };
  }

  async function find(name: string, platform: Platform, signal: AbortSignal): Promise<SourceImage> {
    const reference = parseReference(name);
    try {
      const { manifest, descriptor } = await manifestOf(reference, platform, signal);
      const config = parseImageConfig(await bytesOf(reference, manifest.config, signal));
      const { tag: _, digest: __, ...repository } = reference;
      const diffIds = config.rootfs.diff_ids;
      if (diffIds.length !== manifest.layers.length)
        throw fault('MANIFEST_INVALID', `${manifest.layers.length} layers, ${diffIds.length} diff ids`);
      return {
        name: familiarReference(reference),
        digest: descriptor.digest,
        platform: { ...platform, os: config.os, architecture: config.architecture },
        config,
        layers: manifest.layers.map(
          (layer, at): BaseBlob => ({
            descriptor: layer,
            diffId: diffIds[at] ?? layer.digest,
            repository,
            open: (abort) => registry.blob(repository, layer, { signal: abort }),
          }),
        ),
      };
    } catch (error) {
      throw withFact(error, familiarReference(reference));
    }
  }

  return {
    find(name, platform, signal) {
      const key = `${name} ${formatPlatform(platform)}`;
      let promise = found.get(key);
      if (promise === undefined) {
        promise = find(name, platform, signal);
        found.set(key, promise);
      }
      return promise;
    },
  };
}

function missing(reference: Reference, platform: Platform, manifests: readonly Descriptor[]): Error {
  const there = manifests
    .flatMap((entry) =>
      entry.platform && entry.platform.os !== 'unknown' ? [formatPlatform(entry.platform)] : [],
    )
    .join(', ');
  return fault(
    'PLATFORM_MISSING',
    `${familiarReference(reference)} has no image for ${formatPlatform(platform)}; it has ${there || 'none'}`,
  );
}
