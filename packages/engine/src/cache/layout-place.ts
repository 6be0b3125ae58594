import { createReadStream } from 'node:fs';
import { stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, fault, toFault } from '@onebuild/core';
import { blobPath, type Descriptor, verifyStream } from '@onebuild/oci';
import type { CachePlace } from './cache-place.ts';
import { blobsOf, type CacheContents } from './cache-record.ts';
import { combineContents } from './combine-contents.ts';
import { withFolderLock } from './folder-lock.ts';
import { prepareLayout, writeWhole } from './layout-files.ts';
import { layoutName } from './layout-name.ts';
import { type LayoutCache, type LayoutState, readLayoutState, writeLayoutState } from './layout-state.ts';
import { pruneContents } from './prune-contents.ts';
import { sweepLayout } from './sweep-layout.ts';

export interface LayoutPlaceOptions {
  /** The folder, absolute. Several caches, and images, may be in it. */
  readonly path: string;
  readonly tag: string;
  readonly clock: Clock;
}

/** A cache in a folder that is an OCI image layout. Who reads takes it as it is; who writes waits for the others who write. */
export function createLayoutPlace({ path: folder, tag, clock }: LayoutPlaceOptions): CachePlace {
  const cache: LayoutCache = { folder, tag, name: layoutName(folder, tag) };
  const update = async (
    signal: AbortSignal,
    change: (state: LayoutState) => CacheContents | Promise<CacheContents>,
  ): Promise<void> => {
    await prepareLayout(folder);
    await withFolderLock(
      join(folder, 'lock.db'),
      async () => {
        const state = await readLayoutState(cache);
        const next = { contents: await change(state), merged: state.merged };
        const now = clock();
        await sweepLayout(folder, await writeLayoutState(cache, state, { next, now }), now);
      },
      { signal },
    );
  };
  return {
    name: cache.name,
    async read(signal) {
      if (signal.aborted) throw fault('CANCELED', `reading the cache ${cache.name} was canceled`);
      const state = await readLayoutState(cache);
      return state.main === undefined ? undefined : state.contents;
    },
    open: (descriptor, signal) => verifyStream(openBlob(folder, descriptor, signal), descriptor),
    async put(blob, { signal }) {
      const { descriptor } = blob;
      if (await useBlob(folder, descriptor, clock())) return { how: 'exists', sentBytes: 0 };
      await prepareLayout(folder);
      const content = verifyStream(blob.open(0), descriptor);
      await writeWhole(folder, blobPath(descriptor.digest), content, { signal, at: clock() });
      return { how: 'sent', sentBytes: descriptor.size };
    },
    add: (added, { limits, signal }) =>
      update(signal, async ({ contents }) => {
        const there = await withBlobs(folder, added);
        return combineContents(contents, there, { limits, now: clock() }).contents;
      }),
    rewrite: (change, { signal }) =>
      update(signal, ({ contents }) =>
        pruneContents(change(contents), { today: Math.floor(clock() / 86_400_000) }),
      ),
  };
}

/** Whether a blob is there; then it counts as young again. */
async function useBlob(folder: string, { digest, size }: Descriptor, now: number): Promise<boolean> {
  const path = join(folder, blobPath(digest));
  try {
    await utimes(path, now / 1000, now / 1000);
    const found = await stat(path);
    return found.isFile() && found.size === size;
  } catch {
    return false;
  }
}

async function* openBlob(
  folder: string,
  { digest }: Descriptor,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(join(folder, blobPath(digest)), { signal, highWaterMark: 1 << 18 });
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw toFault(error);
    throw fault('BLOB_NOT_FOUND', `${digest} is not in the cache ${folder}`, { details: { digest } });
  }
}

/** What is added, without the records whose blobs somebody removed since they were put there. */
async function withBlobs(folder: string, contents: CacheContents): Promise<CacheContents> {
  const lost = new Set<string>();
  for (const { digest, size } of contents.blobs.values()) {
    const found = await stat(join(folder, blobPath(digest))).catch(() => undefined);
    if (found?.size !== size) lost.add(digest);
  }
  return {
    ...contents,
    records: contents.records.filter((record) => !blobsOf(record).some((one) => lost.has(one))),
  };
}
