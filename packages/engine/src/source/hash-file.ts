import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, readSync } from 'node:fs';
import type { Digest } from '@onebuild/core';
import { openInside } from '../posix/open-inside.ts';

/** What tells one state of a file from another. Times are milliseconds since the epoch, with fractions. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
}

/** What was read, and the state of the file right after. */
export interface HashedFile {
  readonly digest: Digest;
  /** Bytes that were read. */
  readonly size: number;
  readonly stamp: FileStamp;
}

const buffer = Buffer.allocUnsafeSlow(1 << 20);

/**
 * SHA-256 of a file. Synchronous: for small files that is several times faster than threads.
 * @throws errors of node:fs; ELOOP when the path leads through a link by now
 */
export function hashFile(path: string): HashedFile {
  const descriptor = openInside(path);
  try {
    const content = hashContent(descriptor);
    const { dev, ino, size, mtimeMs, ctimeMs } = fstatSync(descriptor);
    return { ...content, stamp: { dev, ino, size, mtimeMs, ctimeMs } };
  } finally {
    closeSync(descriptor);
  }
}

function hashContent(descriptor: number): { readonly digest: Digest; readonly size: number } {
  let size = fill(descriptor);
  if (size < buffer.length) return { digest: named(hash('sha256', buffer.subarray(0, size))), size };
  const running = createHash('sha256').update(buffer);
  for (let count = size; count === buffer.length; size += count) {
    count = fill(descriptor);
    running.update(buffer.subarray(0, count));
  }
  return { digest: named(running.digest('hex')), size };
}

function named(hex: string): Digest {
  return `sha256:${hex}` as Digest;
}

/** Reads until the buffer is full or the file ends. */
function fill(descriptor: number): number {
  let filled = 0;
  while (filled < buffer.length) {
    const count = readSync(descriptor, buffer, filled, buffer.length - filled, null);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}
