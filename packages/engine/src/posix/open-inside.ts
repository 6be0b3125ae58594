import { closeSync, constants, openSync, readlinkSync } from 'node:fs';
import { decodePath } from '@onebuild/oci';
import { type NativePath, nativePath } from './native-path.ts';

/** A link in the last place is not followed; a pipe that came to the path doesn't block. */
const flags = constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** open(2): O_PATH of Linux. It takes no right to read. */
export const O_PATH = 0o1000_0000;

/**
 * Opens a path that had no links when it was found, and makes sure that it still has none: where somebody put a link in the
 * place of a folder meanwhile, the open file is somewhere else. `path` is as the kernel itself names it: see `trueName`.
 * @throws errors of node:fs; ELOOP when it leads elsewhere
 */
export function openInside(path: string, mode: number = constants.O_RDONLY): number {
  const native = nativePath(path);
  const descriptor = openSync(native, mode | flags);
  try {
    if (isAt(descriptor, native)) return descriptor;
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  closeSync(descriptor);
  throw Object.assign(new Error(`ELOOP: ${path} leads elsewhere`), { code: 'ELOOP' });
}

function isAt(descriptor: number, path: NativePath): boolean {
  const link = descriptorPath(descriptor);
  return typeof path === 'string' ? readlinkSync(link) === path : readlinkSync(link, 'buffer').equals(path);
}

/** A name for what a descriptor stands for; below it, paths lead from there. proc(5): /proc/PID/fd */
export function descriptorPath(descriptor: number): string {
  return `/proc/self/fd/${descriptor}`;
}

/** A folder's name without links, as the kernel has it. @throws errors of node:fs */
export function trueName(folder: string): string {
  const descriptor = openSync(folder, O_PATH | constants.O_DIRECTORY);
  try {
    return decodePath(readlinkSync(descriptorPath(descriptor), 'buffer'));
  } finally {
    closeSync(descriptor);
  }
}
