import { createHash } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { type Digest, fault, toFault } from '@onebuild/core';
import { digestHex } from '@onebuild/oci';
import { algorithmOf } from '../names.ts';
import { removeFile, shareFile, touchFile } from './file-steps.ts';
import type { DigestAlgorithm, UploadWriter } from './registry-store.ts';
import type { StorePaths } from './store-paths.ts';
import type { UploadHash } from './upload-hashes.ts';
import { writeBatches } from './write-batches.ts';

export interface TakenUpload {
  readonly paths: StorePaths;
  readonly repository: string;
  readonly file: FileHandle;
  /** Where the file is while it is taken. */
  readonly path: string;
  readonly size: number;
  /** Of all its bytes; undefined where that isn't known any more. */
  readonly hash: UploadHash | undefined;
  /** Puts the file back, with the hash of what is in it by then. */
  release(hash: UploadHash | undefined): Promise<void>;
}

/** The hash runs along with the writes; where it was lost (a restart, another algorithm), the file is read again at the end. */
export function fsUploadWriter(upload: TakenUpload): UploadWriter {
  const { paths, repository, file, path } = upload;
  let { size, hash } = upload;
  let open = true;

  const end = async () => {
    if (!open) return false;
    open = false;
    await file.close();
    return true;
  };
  const discard = async () => {
    if (await end()) await removeFile(path);
    await upload.release(undefined);
  };

  return {
    get size() {
      return size;
    },

    async append(source) {
      const { bytes, broken } = await keepHash(() =>
        writeBatches(file, size, source, (chunk) => hash?.hash.update(chunk)),
      );
      size += bytes;
      if (hash) hash.size = size;
      if (broken !== undefined) throw broken;
      return bytes;
    },

    async truncate(length) {
      if (length === size) return;
      hash = undefined;
      await file.truncate(length);
      size = length;
    },

    async commit(digest) {
      const algorithm = algorithmOf(digest);
      const hex = hash?.algorithm === algorithm ? hash.hash.digest('hex') : await hashFile(file, algorithm);
      hash = undefined;
      if (hex !== digestHex(digest)) {
        await discard();
        return false;
      }
      await publish(digest);
      await discard();
      return true;
    },

    discard,

    async close() {
      if (await end()) await upload.release(hash);
    },
  };

  /** A fault of the disk leaves the file behind what the hash has seen; the hash is worthless then. */
  async function keepHash<T>(run: () => Promise<T>): Promise<T> {
    try {
      return await run();
    } catch (error) {
      hash = undefined;
      await file.truncate(size).catch(() => {});
      throw toFault(error);
    }
  }

  /** Collection of garbage took the one copy a moment ago, seeing it unused. */
  async function publishOwn(link: string): Promise<boolean> {
    await file.datasync();
    return await shareFile(path, link, paths.tmp);
  }

  /** The bytes are on the disk before any name that readers use points at them. */
  async function publish(digest: Digest): Promise<void> {
    const blob = paths.blob(digest);
    const link = paths.blobLink(repository, digest);
    if ((await touchFile(blob)) === undefined) {
      await file.datasync();
      await shareFile(path, blob, paths.tmp);
    }
    for (let attempt = 0; attempt < 5; attempt++) {
      const linked = (await shareFile(blob, link, paths.tmp)) || (await publishOwn(link));
      if (linked && (await touchFile(link)) !== undefined) return;
    }
    throw fault('FILE_ACCESS', 'the upload was removed while it was finished');
  }
}

async function hashFile(file: FileHandle, algorithm: DigestAlgorithm): Promise<string> {
  const hash = createHash(algorithm);
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let at = 0; ; ) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return hash.digest('hex');
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}
