import { closeSync, constants, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { fault, type OneBuildError, toFault } from '@onebuild/core';
import { nativePath } from '../posix/native-path.ts';
import { openInside } from '../posix/open-inside.ts';
import type { FileContent } from '../tree/file-tree.ts';

/** An open file whose bytes are read in order. */
export interface OpenContent {
  /** Fills `target` from its start; 0 at the end. @throws CONTEXT_READ, STORE_CORRUPT */
  read(target: Uint8Array): number;
  /** Leaves `bytes` out; only for content that is not compared. */
  skip(bytes: number): void;
  close(): void;
}

// A file that became a FIFO or a link since it was listed must neither block nor lead away.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file of a tree. Synchronous: opening, reading and closing a small file takes less than the round trip to a thread.
 * @throws CONTEXT_READ, CONTEXT_CHANGED, STORE_CORRUPT
 */
export function openContent(content: FileContent, path: string): OpenContent {
  if (content.kind === 'bytes') return openBytes(content.bytes);
  const file = content.kind === 'host' ? content.path : join(content.layer, content.path);
  const guarded = <T>(action: () => T): T => {
    try {
      return action();
    } catch (error) {
      throw contentFault(error, content.kind, path);
    }
  };
  const descriptor = guarded(() =>
    content.kind === 'host' ? openInside(file) : openSync(nativePath(file), flags),
  );
  /** Unknown to us while the file counts by itself. */
  let position: number | null = null;
  let at = 0;
  return {
    read(target) {
      const count = guarded(() => readSync(descriptor, target, 0, target.length, position));
      at += count;
      if (position !== null) position = at;
      return count;
    },
    skip(bytes) {
      at += bytes;
      position = at;
    },
    close: () => closeSync(descriptor),
  };
}

function openBytes(bytes: Uint8Array): OpenContent {
  let at = 0;
  return {
    read(target) {
      const part = bytes.subarray(at, at + target.length);
      target.set(part);
      at += part.length;
      return part.length;
    },
    skip(bytes) {
      at += bytes;
    },
    close() {},
  };
}

function contentFault(error: unknown, kind: 'host' | 'layer', path: string): OneBuildError {
  const { code } = error as NodeJS.ErrnoException;
  const name = JSON.stringify(path);
  if (kind === 'layer' && code !== 'EMFILE') {
    return fault('STORE_CORRUPT', `the store lost the content of ${name}`, { cause: error });
  }
  if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR' || code === 'ENXIO') {
    return fault('CONTEXT_CHANGED', `${name} is no longer the file it was`, { cause: error });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return fault('CONTEXT_READ', `${name} cannot be read: permission denied`, { cause: error });
  }
  return toFault(error);
}
