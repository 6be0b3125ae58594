import type { Digest } from '@onebuild/core';

/** Remembers the SHA-256 of files by what stat says of them, between builds. `key` holds path, inode, size and times. */
export interface FileHashCache {
  get(key: string): Digest | undefined;
  set(key: string, digest: Digest): void;
}
