import { createHash, hash } from 'node:crypto';
import { closeSync, constants, copyFileSync, read, readSync, writeSync } from 'node:fs';
import { promisify } from 'node:util';
import { fault, isFault, type OneBuildError } from '@onebuild/core';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import { type NativePath, nativePath } from '../posix/native-path.ts';
import { openInside } from '../posix/open-inside.ts';

/** Files below this size are copied in one piece. */
const piece = 1024 * 1024;
const shared = Buffer.allocUnsafe(piece);

/** A clone where the file system has them, else a copy inside the kernel. For content that can't change. */
export function copyTrusted(from: string, to: NativePath): void {
  copyFileSync(nativePath(from), to, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
}

/**
 * Copies a file of which `entry` says size and digest into the open file `to`, and compares while copying.
 * @throws CONTEXT_CHANGED when it is another by now, CONTEXT_READ when it can't be read
 */
export async function copyVerified(
  from: string,
  to: number,
  options: { readonly entry: LayerEntry; readonly signal?: AbortSignal },
): Promise<void> {
  const { entry, signal } = options;
  try {
    if (entry.size < piece) copySmall(from, to, entry);
    else await copyLarge(from, to, { entry, ...(signal && { signal }) });
  } catch (error) {
    if (isFault(error) || signal?.aborted) throw error;
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') throw error;
    const gone = code === 'ENOENT' || code === 'ENOTDIR' || code === 'ELOOP' || code === 'EISDIR';
    if (gone) throw changed(from);
    throw fault('CONTEXT_READ', `cannot read ${from}: ${code}`, { cause: error });
  }
}

function copySmall(from: string, to: number, entry: LayerEntry): void {
  const fd = openInside(from);
  try {
    let length = 0;
    while (length < piece) {
      const read = readSync(fd, shared, length, piece - length, null);
      if (read === 0) break;
      length += read;
    }
    const bytes = shared.subarray(0, length);
    if (length !== entry.size || `sha256:${hash('sha256', bytes)}` !== entry.digest) throw changed(from);
    writeAll(to, bytes);
  } finally {
    closeSync(fd);
  }
}

const readPiece = promisify(read);

async function copyLarge(
  from: string,
  to: number,
  { entry, signal }: { readonly entry: LayerEntry; readonly signal?: AbortSignal },
): Promise<void> {
  const fd = openInside(from);
  try {
    const sum = createHash('sha256');
    const buffer = Buffer.allocUnsafe(piece);
    let total = 0;
    while (total <= entry.size) {
      signal?.throwIfAborted();
      const { bytesRead } = await readPiece(fd, buffer, 0, piece, null);
      if (bytesRead === 0) break;
      total += bytesRead;
      const bytes = buffer.subarray(0, bytesRead);
      sum.update(bytes);
      writeAll(to, bytes);
    }
    if (total !== entry.size || `sha256:${sum.digest('hex')}` !== entry.digest) throw changed(from);
  } finally {
    closeSync(fd);
  }
}

/** @throws DIGEST_MISMATCH when the bytes are not what `entry` says */
export function writeBytes(bytes: Uint8Array, to: number, entry: LayerEntry): void {
  if (bytes.length !== entry.size || digestOf(bytes) !== entry.digest) {
    throw fault('DIGEST_MISMATCH', `the content of /${entry.path} is not what its layer says`);
  }
  writeAll(to, bytes);
}

export function writeAll(fd: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at);
}

function changed(path: string): OneBuildError {
  return fault('CONTEXT_CHANGED', `${path} changed while the build read it`);
}
