import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Digest } from '@onebuild/core';
import { removeFile, shareFile, touchFile, unlessMissing } from './file-steps.ts';
import { listRepositories } from './list-repositories.ts';
import type { BlobShelf, OpenBlob } from './registry-store.ts';
import type { StorePaths } from './store-paths.ts';

/** Large reads keep the number of steps per gigabyte low; a few of them are in memory per download. */
const readSize = 512 * 1024;

/** A repository's blob is a hard link of the one copy, so reading it is one open, and mounting it is one link. */
export function fsBlobShelf(paths: StorePaths): BlobShelf {
  return {
    size: (repository, digest) => touchFile(paths.blobLink(repository, digest)),

    async open(repository, digest): Promise<OpenBlob | undefined> {
      const handle = await unlessMissing(open(paths.blobLink(repository, digest), 'r'));
      if (!handle) return undefined;
      const { size } = await handle.stat();
      return {
        size,
        stream: (start, end) =>
          createReadStream('', { fd: handle, start, end, highWaterMark: readSize, autoClose: true }),
        close: () => handle.close(),
      };
    },

    async mount(repository, digest, from): Promise<boolean> {
      const source = await findSource(paths, digest, from);
      if (source === undefined) return false;
      const target = paths.blobLink(repository, digest);
      if (source !== target && !(await shareFile(source, target, paths.tmp))) return false;
      return (await touchFile(target)) !== undefined;
    },

    delete: (repository, digest) => removeFile(paths.blobLink(repository, digest)),
  };
}

/** Where no repository is named, any that still holds the blob will do; the one copy alone doesn't count. */
async function findSource(
  paths: StorePaths,
  digest: Digest,
  from: string | undefined,
): Promise<string | undefined> {
  if (from !== undefined) return paths.blobLink(from, digest);
  if ((await touchFile(paths.blob(digest))) === undefined) return undefined;
  for (const name of await listRepositories(paths, '_blobs')) {
    const link = paths.blobLink(name, digest);
    if ((await touchFile(link)) !== undefined) return link;
  }
  return undefined;
}
