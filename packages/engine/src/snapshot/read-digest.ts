import { createHash, hash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Digest } from '@onebuild/core';
import type { NativePath } from '../posix/native-path.ts';

/** Files up to this size are read in one piece. */
const piece = 1024 * 1024;
const shared = Buffer.allocUnsafe(piece);

/**
 * SHA-256 of a regular file of which `lstat` said `size`, and how many bytes were there. Small files are read
 * synchronously, which is quicker; large ones in pieces of 1 MiB, beside other work.
 */
export async function readDigest(
  path: NativePath,
  size: number,
  signal?: AbortSignal,
): Promise<{ readonly digest: Digest; readonly size: number }> {
  if (size < piece) return readSmall(path);
  const file = await open(path, 'r');
  try {
    const sum = createHash('sha256');
    const buffer = Buffer.allocUnsafe(piece);
    let total = 0;
    for (;;) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(buffer, 0, piece);
      if (bytesRead === 0) break;
      total += bytesRead;
      sum.update(buffer.subarray(0, bytesRead));
    }
    return { digest: `sha256:${sum.digest('hex')}` as Digest, size: total };
  } finally {
    await file.close();
  }
}

function readSmall(path: NativePath): { readonly digest: Digest; readonly size: number } {
  const fd = openSync(path, 'r');
  try {
    let length = 0;
    for (;;) {
      const read = readSync(fd, shared, length, piece - length, null);
      length += read;
      if (read === 0 || length === piece) break;
    }
    return { digest: `sha256:${hash('sha256', shared.subarray(0, length))}` as Digest, size: length };
  } finally {
    closeSync(fd);
  }
}
