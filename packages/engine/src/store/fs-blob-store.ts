import { createHash, type Hash, randomUUID } from 'node:crypto';
import { readFileSync, renameSync, statSync } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Digest, fault, toFault } from '@onebuild/core';
import { digestHex } from '@onebuild/oci';
import type { BlobStore, BlobWriter } from './blob-store.ts';

export interface FsBlobStoreOptions {
  /** Folder `blobs` of the store; blobs are `<root>/sha256/<hex>`. */
  readonly root: string;
  /** Folder on the same file system for blobs on their way in. */
  readonly temp: string;
  /** The store's accounts, told of every blob that became visible or was asked for. */
  readonly accounts?: BlobAccounts;
}

export interface BlobAccounts {
  /** Notes that a blob is used; false where there is no account of it. */
  touch(digest: Digest): boolean;
  put(digest: Digest, size: number): void;
  /** Keeps others from removing anything while `work` is done. */
  exclusively<T>(work: () => T): T;
}

/**
 * Blobs as files. A blob appears by rename, so a half one is never seen, whoever else writes the same one. What is looked at and read
 * is small, and at hand sooner than a thread could be asked for it.
 */
export function createFsBlobStore(options: FsBlobStoreOptions): BlobStore {
  const pathOf = (digest: Digest) => join(options.root, 'sha256', digestHex(digest));
  return {
    async size(digest) {
      try {
        // first the account, then the file: what has been touched is not collected
        const known = options.accounts?.touch(digest) ?? true;
        const { size } = statSync(pathOf(digest));
        return known ? size : adopt(options, { path: pathOf(digest), digest });
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw toFault(error);
      }
    },
    path: pathOf,
    async read(digest) {
      try {
        return readFileSync(pathOf(digest));
      } catch (error) {
        if (isMissing(error)) throw fault('BLOB_NOT_FOUND', `the store has no blob ${digest}`);
        throw toFault(error);
      }
    },
    create: () => createWriter(options, pathOf),
  };
}

/** Takes a blob that is there, and that no account names, into the accounts. Gives its size, or undefined where it is gone again. */
function adopt(
  { accounts }: FsBlobStoreOptions,
  blob: { readonly path: string; readonly digest: Digest },
): number | undefined {
  return accounts?.exclusively(() => {
    const size = statSync(blob.path, { throwIfNoEntry: false })?.size;
    if (size !== undefined) accounts.put(blob.digest, size);
    return size;
  });
}

async function createWriter(
  options: FsBlobStoreOptions,
  pathOf: (digest: Digest) => string,
): Promise<BlobWriter> {
  await mkdir(options.temp, { recursive: true });
  const temp = join(options.temp, `blob-${randomUUID()}`);
  const file = await open(temp, 'wx', 0o600);
  const hash = createHash('sha256');
  let size = 0;
  let open_ = true;
  const close = async () => {
    if (!open_) return;
    open_ = false;
    await file.close();
  };
  return {
    async write(chunk) {
      hash.update(chunk);
      size += chunk.byteLength;
      await writeAll(file, chunk);
    },
    async commit(expected) {
      const digest = finish(hash);
      await close();
      if (
        (expected?.digest && expected.digest !== digest) ||
        (expected?.size !== undefined && expected.size !== size)
      ) {
        await rm(temp, { force: true });
        throw fault(
          'DIGEST_MISMATCH',
          `expected ${expected.digest ?? digest} of ${expected.size ?? size} bytes, got ${digest} of ${size} bytes`,
        );
      }
      const path = pathOf(digest);
      await mkdir(dirname(path), { recursive: true });
      const place = () => {
        renameSync(temp, path);
        options.accounts?.put(digest, size);
      };
      if (options.accounts === undefined) place();
      else options.accounts.exclusively(place);
      return { digest, size };
    },
    async abort() {
      await close();
      await rm(temp, { force: true });
    },
  };
}

async function writeAll(file: FileHandle, chunk: Uint8Array): Promise<void> {
  try {
    let offset = 0;
    while (offset < chunk.byteLength) {
      const { bytesWritten } = await file.write(chunk, offset);
      offset += bytesWritten;
    }
  } catch (error) {
    throw toFault(error);
  }
}

function finish(hash: Hash): Digest {
  return `sha256:${hash.digest('hex')}` as Digest;
}

function isMissing(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ENOENT';
}
