import { accessSync, constants, type Stats, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fault } from '@onebuild/core';

/** statfs(2): PROC_SUPER_MAGIC, SYSFS_MAGIC. Nobody makes folders there, and trying may never end. */
const pseudoTypes: readonly number[] = [0x9fa0, 0x62656572];

/**
 * Says before the work what would otherwise be said after it: that a file or folder cannot be written. Missing folders above it are
 * fine, they will be made.
 * @param path absolute
 * @param what names it, as the start of a sentence: `--metadata-file`
 * @throws FILE_ACCESS
 */
export function checkDestination(path: string, what: string, kind: 'file' | 'folder'): void {
  const found = lookAt(path);
  if (found?.isDirectory() === true) {
    if (kind === 'file') throw fault('FILE_ACCESS', `${what}: ${path} is a folder, not a file`);
    return checkFolder(path, what);
  }
  if (found !== undefined && kind === 'folder') {
    throw fault('FILE_ACCESS', `${what}: ${path} is a file, not a folder`);
  }
  // what is neither (a device, a pipe) is written as it is
  if (found === undefined || found.isFile()) checkFolder(dirname(path), what);
}

/** A folder that can be written, or made. */
function checkFolder(path: string, what: string): void {
  let at = path;
  let found = lookAt(at);
  while (found === undefined && dirname(at) !== at) {
    at = dirname(at);
    found = lookAt(at);
  }
  if (found !== undefined && !found.isDirectory()) {
    throw fault('FILE_ACCESS', `${what}: ${at} is a file, not a folder`);
  }
  if (!isWritable(at)) throw fault('FILE_ACCESS', `${what}: you may not write in ${at}`);
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return !pseudoTypes.includes(statfsSync(folder).type);
  } catch {
    return false;
  }
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    // a file in the middle of the path: it is found one folder up
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return undefined;
    throw error;
  }
}
