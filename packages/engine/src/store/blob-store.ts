import type { Digest } from '@onebuild/core';

/** Content-addressed files. What it holds was verified when it was written. */
export interface BlobStore {
  /** Size in bytes, or undefined where the blob isn't there. */
  size(digest: Digest): Promise<number | undefined>;
  /** Path of the file, which must be there. */
  path(digest: Digest): string;
  /** @throws BLOB_NOT_FOUND */
  read(digest: Digest): Promise<Uint8Array>;
  /** Starts a blob; nothing is visible until `commit`. */
  create(): Promise<BlobWriter>;
}

/** One blob on its way in. Digest is computed while writing. */
export interface BlobWriter {
  write(chunk: Uint8Array): Promise<void>;
  /**
   * Makes it visible, atomically; when the store had it already, that one stays.
   * @throws DIGEST_MISMATCH when `expected` differs from what was written, DISK_FULL
   */
  commit(expected?: {
    readonly digest?: Digest;
    readonly size?: number;
  }): Promise<{ readonly digest: Digest; readonly size: number }>;
  /** Forgets it. Safe after `commit`. */
  abort(): Promise<void>;
}
