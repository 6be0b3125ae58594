import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { fault } from '@onebuild/core';
import { encodePath, type LayerEntry } from '@onebuild/oci';
import { openContent } from '../layer/open-content.ts';
import { nativePath } from '../posix/native-path.ts';
import type { FileContent } from '../tree/file-tree.ts';
import { parentPath } from '../tree/path.ts';

/** Puts entries of a tree below a folder of the host. A folder has to come before what is in it. */
export interface FilePlacer {
  folder(entry: LayerEntry): void;
  file(entry: LayerEntry, content: FileContent): void;
  hardlink(entry: LayerEntry): void;
  symlink(entry: LayerEntry): void;
  /** Modes and times of folders, which could be read-only. */
  finish(): void;
}

/** What is in the way is replaced, only folders stay; so a symlink below `root` is never followed. */
export function createFilePlacer(root: string): FilePlacer {
  const folders: LayerEntry[] = [];
  const made = new Set(['']);
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const at = (path: string) => nativePath(`${root}/${path}`);

  /** A new path beside `path`, to be renamed onto it. */
  const beside = (path: string) => {
    const parent = parentPath(path);
    if (!made.has(parent)) throw fault('INTERNAL', `the folder of ${JSON.stringify(path)} was not made`);
    return at(`${parent}${parent && '/'}.onebuild-${randomUUID()}`);
  };

  const settle = (temp: string | Buffer, path: string) => {
    if (lstatSync(at(path), { throwIfNoEntry: false })?.isDirectory()) rmSync(at(path), { recursive: true });
    renameSync(temp, at(path));
  };

  const replace = (path: string, make: (temp: string | Buffer) => void) => {
    const temp = beside(path);
    try {
      make(temp);
      settle(temp, path);
    } catch (error) {
      rmSync(temp, { force: true });
      throw error;
    }
  };

  return {
    folder(entry) {
      beside(entry.path);
      const there = lstatSync(at(entry.path), { throwIfNoEntry: false });
      if (there && !there.isDirectory()) rmSync(at(entry.path));
      if (!there?.isDirectory()) mkdirSync(at(entry.path));
      chmodSync(at(entry.path), 0o700);
      made.add(entry.path);
      folders.push(entry);
    },
    file(entry, content) {
      replace(entry.path, (temp) => writeFile(temp, entry, { content, buffer }));
    },
    hardlink(entry) {
      replace(entry.path, (temp) => linkSync(at(entry.link ?? ''), temp));
    },
    symlink(entry) {
      replace(entry.path, (temp) => {
        symlinkSync(encodePath(entry.link ?? '') as Buffer, temp);
        lutimesSync(temp, entry.mtime, entry.mtime);
      });
    },
    finish() {
      for (const { path, mode, mtime } of folders.reverse()) {
        chmodSync(at(path), mode);
        utimesSync(at(path), mtime, mtime);
      }
    },
  };
}

function writeFile(
  temp: string | Buffer,
  entry: LayerEntry,
  { content, buffer }: { readonly content: FileContent; readonly buffer: Buffer },
): void {
  const descriptor = openSync(temp, 'wx', 0o600);
  try {
    copyContent(descriptor, entry, { content, buffer });
    fchmodSync(descriptor, entry.mode);
    futimesSync(descriptor, entry.mtime, entry.mtime);
  } finally {
    closeSync(descriptor);
  }
}

function copyContent(
  target: number,
  entry: LayerEntry,
  { content, buffer }: { readonly content: FileContent; readonly buffer: Buffer },
): void {
  const check = content.kind === 'host' && entry.digest ? createHash('sha256') : undefined;
  const source = openContent(content, entry.path);
  try {
    for (;;) {
      const count = source.read(buffer);
      if (count === 0) break;
      check?.update(buffer.subarray(0, count));
      for (let at = 0; at < count; ) at += writeSync(target, buffer, at, count - at);
    }
  } finally {
    source.close();
  }
  if (check && `sha256:${check.digest('hex')}` !== entry.digest) {
    throw fault('CONTEXT_CHANGED', `${JSON.stringify(entry.path)} changed during the build`);
  }
}
