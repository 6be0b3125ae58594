import type { Digest } from '@onebuild/core';
import {
  blobPath,
  type Descriptor,
  digestOf,
  encodeJson,
  type Index,
  mediaTypes,
  parseManifest,
} from '@onebuild/oci';
import { encodeArtifact, readArtifact } from './cache-artifact.ts';
import { asDamaged, cacheDamaged } from './cache-damaged.ts';
import { decodeDocument } from './cache-document.ts';
import { type CacheState, emptyContents } from './cache-state.ts';
import { readWhole, writeWhole } from './layout-files.ts';

export interface LayoutCache {
  readonly folder: string;
  /** `org.opencontainers.image.ref.name` of its entry in `index.json`. */
  readonly tag: string;
  /** For messages. */
  readonly name: string;
}

export interface LayoutState extends CacheState {
  readonly index: Index;
  /** Digest of the manifest; undefined where the folder has no such cache. */
  readonly main: Digest | undefined;
}

const refName = 'org.opencontainers.image.ref.name';
const largestIndex = 8 * 1024 * 1024;
export const largestManifest = 4 * 1024 * 1024;

const emptyIndex: Index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [] };

/** Reads the cache that a folder has under a tag. Nobody needs to hold the lock. @throws CACHE_DAMAGED, FILE_ACCESS */
export async function readLayoutState(cache: LayoutCache): Promise<LayoutState> {
  for (let tries = 5; ; tries--) {
    try {
      return await readOnce(cache);
    } catch (error) {
      // somebody may have put another document in the place of this one, and removed it
      if (tries === 1) throw asDamaged(error, cache.name);
    }
  }
}

async function readOnce({ folder, tag, name }: LayoutCache): Promise<LayoutState> {
  const index = await readIndex(folder);
  const entry = index.manifests.find((one) => one.annotations?.[refName] === tag);
  if (entry === undefined) return { index, main: undefined, contents: emptyContents, merged: new Map() };
  const { config, blobs } = readArtifact(
    await readBlob(folder, entry, largestManifest),
    entry.mediaType,
    name,
  );
  const document = await readBlob(folder, config, config.size);
  return { index, main: entry.digest, ...decodeDocument(document, blobs) };
}

async function readIndex(folder: string): Promise<Index> {
  const bytes = await readWhole(folder, 'index.json', largestIndex);
  if (bytes === undefined) return emptyIndex;
  const parsed = parseManifest(bytes, mediaTypes.ociIndex);
  return parsed.kind === 'index' ? parsed.value : emptyIndex;
}

/** A small blob, made sure. @throws CACHE_DAMAGED */
export async function readBlob(
  folder: string,
  { digest, size }: Descriptor,
  limit: number,
): Promise<Uint8Array> {
  const bytes = await readWhole(folder, blobPath(digest), limit);
  if (bytes === undefined) throw cacheDamaged(folder, `${digest} is missing`);
  if (bytes.length !== size || digestOf(bytes) !== digest)
    throw cacheDamaged(folder, `${digest} has other content`);
  return bytes;
}

/** Puts another state in the place of what is there, where it differs. For the holder of the lock. @returns the index as it is then */
export async function writeLayoutState(
  { folder, tag }: LayoutCache,
  old: LayoutState,
  { next, now }: { readonly next: CacheState; readonly now: number },
): Promise<Index> {
  const { manifest, parts } = encodeArtifact(next);
  if (manifest.descriptor.digest === old.main) return old.index;
  for (const { descriptor, bytes } of [...parts, manifest]) {
    await writeWhole(folder, blobPath(descriptor.digest), [bytes], { at: now });
  }
  const others = old.index.manifests.filter((entry) => entry.annotations?.[refName] !== tag);
  const index: Index = {
    ...old.index,
    manifests: [...others, { ...manifest.descriptor, annotations: { [refName]: tag } }],
  };
  await writeWhole(folder, 'index.json', [encodeJson(index)]);
  return index;
}
