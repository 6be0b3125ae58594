import { statfsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Bytes below which nothing useful can be written. */
const leastRoom = 64 * 1024;

/** Whether the disk of `path` (or of the folder that it would be in) has room, for bytes and for files. True where nobody can tell. */
export function hasRoom(path: string, least = leastRoom): boolean {
  try {
    const { bavail, bsize, files, ffree } = statfsSync(path);
    return bavail * bsize >= least && (files === 0 || ffree > 0);
  } catch (error) {
    const parent = dirname(path);
    return (error as { code?: unknown }).code !== 'ENOENT' || parent === path || hasRoom(parent, least);
  }
}
