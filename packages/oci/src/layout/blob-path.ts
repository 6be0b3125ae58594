import type { Digest } from '@onebuild/core';
import { digestAlgorithm, digestHex } from '../digest.ts';

/** Where a layout keeps a blob: `blobs/sha256/...` (image-layout.md#blobs). */
export function blobPath(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`;
}
