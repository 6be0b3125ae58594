import { createHash, randomUUID } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  constants,
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
  writeSync,
} from 'node:fs';
import { fault } from '@onebuild/core';
import { encodePath, type LayerEntry } from '@onebuild/oci';
import { openContent } from '../layer/open-content.ts';
import { type NativePath, nativePath } from '../posix/native-path.ts';
import { descriptorPath, O_PATH, openInside } from '../posix/open-inside.ts';
import type { FileContent } from '../tree/file-tree.ts';
import { baseName, joinPath, parentPath } from '../tree/path.ts';

/** Puts entries of a tree below a folder of the host. A folder has to come before what is in it. */
export interface FilePlacer {
  folder(entry: LayerEntry): void;
  file(entry: LayerEntry, content: FileContent): void;
  hardlink(entry: LayerEntry): void;
  symlink(entry: LayerEntry): void;
  /** Modes and times of folders, which could be read-only. */
  finish(): void;
  /** Call it in any case. */
  close(): void;
}

/**
 * What is in the way is replaced, only folders stay; so a symlink below `root` is never followed, also when another process
 * puts one there meanwhile: folders are worked in by descriptor. `root` is a true name: see `trueName`.
 */
export function createFilePlacer(root: string): FilePlacer {
  const folders: LayerEntry[] = [];
  const made = new Set(['']);
  const buffer = Buffer.allocUnsafeSlow(1 << 20);
  const hostPath = (path: string) => (root === '/' ? `/${path}` : joinPath(root, path));
  /** The folder that was worked in last; entries of one folder follow each other. */
  let current: { readonly path: string; readonly descriptor: number } | undefined;

  const enter = (path: string): string => {
    if (current?.path !== path) {
      if (!made.has(path)) throw fault('INTERNAL', `the folder ${JSON.stringify(path)} was not made`);
      leave();
      current = { path, descriptor: openInside(hostPath(path), O_PATH | constants.O_DIRECTORY) };
    }
    return descriptorPath((current as { descriptor: number }).descriptor);
  };
  const leave = () => {
    if (current) closeSync(current.descriptor);
    current = undefined;
  };

  /** Makes it under another name, and renames it onto `path`. */
  const replace = (path: string, make: (temp: NativePath) => void) => {
    const folder = enter(parentPath(path));
    const temp = `${folder}/.onebuild-${randomUUID()}`;
    try {
      make(temp);
      const at = nativePath(`${folder}/${baseName(path)}`);
      if (lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) rmSync(at, { recursive: true });
      renameSync(temp, at);
    } catch (error) {
      rmSync(temp, { force: true });
      throw error;
    }
  };

  /** Errors name the folder, not its descriptor. */
  const named = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      if (current && error instanceof Error)
        error.message = error.message.replaceAll(descriptorPath(current.descriptor), hostPath(current.path));
      throw error;
    }
  };

  return {
    folder: (entry) => named(() => makeFolder(entry)),
    file: (entry, content) =>
      named(() => replace(entry.path, (temp) => writeFile(temp, entry, { content, buffer }))),
    hardlink: (entry) => named(() => makeHardlink(entry)),
    symlink: (entry) =>
      named(() =>
        replace(entry.path, (temp) => {
          symlinkSync(encodePath(entry.link ?? '') as Buffer, temp);
          lutimesSync(temp, entry.mtime, entry.mtime);
        }),
      ),
    finish: () => folders.reverse().forEach(settle),
    close: leave,
  };

  function makeFolder(entry: LayerEntry): void {
    const at = nativePath(`${enter(parentPath(entry.path))}/${baseName(entry.path)}`);
    const there = lstatSync(at, { throwIfNoEntry: false });
    if (there && !there.isDirectory()) rmSync(at);
    if (!there?.isDirectory()) mkdirSync(at);
    const descriptor = openInside(hostPath(entry.path), O_PATH | constants.O_DIRECTORY);
    try {
      chmodSync(descriptorPath(descriptor), 0o700);
    } finally {
      closeSync(descriptor);
    }
    made.add(entry.path);
    folders.push(entry);
  }

  function makeHardlink({ path, link = '' }: LayerEntry): void {
    const folder = openInside(hostPath(parentPath(link)), O_PATH | constants.O_DIRECTORY);
    try {
      const target = nativePath(`${descriptorPath(folder)}/${baseName(link)}`);
      replace(path, (temp) => linkSync(target, temp));
    } finally {
      closeSync(folder);
    }
  }

  function settle({ path, mode, mtime }: LayerEntry): void {
    const descriptor = openInside(hostPath(path), constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      fchmodSync(descriptor, mode);
      futimesSync(descriptor, mtime, mtime);
    } finally {
      closeSync(descriptor);
    }
  }
}

function writeFile(
  temp: NativePath,
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
