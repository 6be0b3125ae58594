import type { Digest } from '@onebuild/core';
import {
  type Descriptor,
  digestOf,
  encodeJson,
  type Manifest,
  mediaTypes,
  parseManifest,
} from '@onebuild/oci';
import { cacheDamaged } from './cache-damaged.ts';
import { documentLimits, encodeDocument, laterVersion } from './cache-document.ts';
import { cacheTypes } from './cache-media-types.ts';
import { blobsOf } from './cache-record.ts';
import type { CacheState } from './cache-state.ts';

interface Content {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
}

/** A cache, or a part of one, as it is stored. */
export interface CacheArtifact {
  readonly manifest: Content;
  /** What has to be there before the manifest, beside the blobs of the records. */
  readonly parts: readonly Content[];
}

/** What a manifest of a cache points at. */
export interface ArtifactParts {
  readonly config: Descriptor;
  readonly blobs: ReadonlyMap<Digest, Descriptor>;
}

/** Documents up to this size come with the manifest itself (descriptor.md, `data`), which spares a request. Bytes. */
const embedded = 96 * 1024;

/** Every list of layers has something in it: there are registries that want it so (manifest.md, guidelines for artifacts). */
const emptyBlob = Buffer.from('{}');
const emptyLayer: Descriptor = { mediaType: mediaTypes.ociEmpty, digest: digestOf(emptyBlob), size: 2 };

/** Equal states, under equal annotations, give equal bytes. */
export function encodeArtifact(
  state: CacheState,
  annotations?: Readonly<Record<string, string>>,
): CacheArtifact {
  const document = encodeDocument(state);
  const config: Content = {
    descriptor: { mediaType: cacheTypes.config, digest: digestOf(document), size: document.length },
    bytes: document,
  };
  const needed = new Set(state.contents.records.flatMap(blobsOf));
  const layers = [...state.contents.blobs]
    .filter(([digest]) => needed.has(digest))
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([digest, { mediaType, size }]): Descriptor => ({ mediaType, digest, size }));
  const data = document.length <= embedded ? Buffer.from(document).toString('base64') : undefined;
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    artifactType: cacheTypes.artifact,
    config: { ...config.descriptor, ...(data !== undefined && { data }) },
    layers: layers.length > 0 ? layers : [emptyLayer],
    ...(annotations !== undefined && { annotations }),
  };
  const bytes = encodeJson(manifest);
  return {
    manifest: {
      descriptor: { mediaType: mediaTypes.ociManifest, digest: digestOf(bytes), size: bytes.length },
      bytes,
    },
    parts: [config, ...(layers.length > 0 ? [] : [{ descriptor: emptyLayer, bytes: emptyBlob }])],
  };
}

/**
 * What a manifest points at, where it is one of a cache.
 * @throws CACHE_DAMAGED saying what else it is
 */
export function readArtifact(bytes: Uint8Array, mediaType: string, name: string): ArtifactParts {
  const { kind, value } = parseManifest(bytes, mediaType);
  if (kind === 'index')
    throw foreign(
      value.manifests.map((entry) => entry.mediaType),
      name,
    );
  const { config, layers, artifactType } = value;
  if (config.mediaType !== cacheTypes.config) {
    const later = /^application\/vnd\.onebuild\.cache\.config\.v(\d{1,9})\+json$/.exec(config.mediaType)?.[1];
    if (later !== undefined) throw laterVersion(later);
    throw foreign([config.mediaType, artifactType ?? ''], name);
  }
  if (config.size > documentLimits.bytes) {
    throw cacheDamaged(name, `its document has ${config.size} bytes; ${documentLimits.bytes} are allowed`);
  }
  const blobs = layers
    .filter((layer) => layer.digest !== emptyLayer.digest)
    .map(
      (layer) =>
        [layer.digest, { mediaType: layer.mediaType, digest: layer.digest, size: layer.size }] as const,
    );
  return { config, blobs: new Map<Digest, Descriptor>(blobs) };
}

function foreign(types: readonly string[], name: string) {
  const buildKit = types.some((type) => type.startsWith('application/vnd.buildkit.'));
  const image = types.some((type) => /^application\/vnd\.(?:oci|docker)\./.test(type));
  const what = buildKit ? "BuildKit's cache" : image ? 'an image' : 'something else';
  return cacheDamaged(name, `this is ${what}, not a cache of OneBuild`, {
    hint: 'Give the cache a name of its own, which nothing else is pushed to: `ref=registry.example/app:onebuild-cache`.',
  });
}
