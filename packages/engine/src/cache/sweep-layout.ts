import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, isFault } from '@onebuild/core';
import { blobPath, type Descriptor, type Index, mediaTypes, parseManifest } from '@onebuild/oci';
import { largestManifest, readBlob } from './layout-state.ts';

/** Somebody may be about to name a blob that is younger. Milliseconds. */
const youngMs = 3_600_000;
const deepestIndex = 4;

/**
 * Removes blobs that no manifest of a layout needs, and what was left of writers that were killed; nothing that is younger than an hour.
 * Where something in the index cannot be read, nothing is removed. For the holder of the lock. `now` in milliseconds.
 */
export async function sweepLayout(folder: string, index: Index, now: number): Promise<void> {
  const needed = await neededPaths(folder, index);
  if (needed === undefined) return;
  const names = await readdir(join(folder, 'blobs'), { recursive: true }).catch(() => []);
  const blobs = names
    .map((name) => `blobs/${name}`)
    .filter((path) => /^blobs\/[^/]+\/[0-9a-f]{64,128}$/.test(path));
  const temps = await readdir(join(folder, 'tmp')).catch(() => []);
  const unneeded = [...blobs.filter((path) => !needed.has(path)), ...temps.map((name) => `tmp/${name}`)];
  for (const path of unneeded) {
    const file = join(folder, path);
    const mtimeMs = await stat(file).then(
      (found) => found.mtimeMs,
      () => now,
    );
    // what cannot be removed is in nobody's way
    if (now - mtimeMs > youngMs) await rm(file, { force: true }).catch(() => {});
  }
}

async function neededPaths(folder: string, index: Index): Promise<ReadonlySet<string> | undefined> {
  const needed = new Set<Digest>();
  try {
    await collect(folder, index.manifests, { needed, depth: 0 });
  } catch (error) {
    if (isFault(error)) return undefined;
    throw error;
  }
  return new Set([...needed].map(blobPath));
}

async function collect(
  folder: string,
  entries: readonly Descriptor[],
  { needed, depth }: { readonly needed: Set<Digest>; readonly depth: number },
): Promise<void> {
  for (const entry of entries) {
    if (needed.has(entry.digest)) continue;
    needed.add(entry.digest);
    if (!manifestTypes.includes(entry.mediaType) || depth > deepestIndex) continue;
    const { kind, value } = parseManifest(await readBlob(folder, entry, largestManifest), entry.mediaType);
    if (kind === 'index') await collect(folder, value.manifests, { needed, depth: depth + 1 });
    else for (const { digest } of [value.config, ...value.layers]) needed.add(digest);
  }
}

const manifestTypes: readonly string[] = [
  mediaTypes.ociManifest,
  mediaTypes.ociIndex,
  mediaTypes.dockerManifest,
  mediaTypes.dockerIndex,
];
