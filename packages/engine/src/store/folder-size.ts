import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes on disk below a path, links not followed; 0 where it is not there. */
export async function folderSize(path: string): Promise<number> {
  const stat = await lstat(path).catch(() => undefined);
  if (stat === undefined) return 0;
  if (!stat.isDirectory()) return stat.blocks * 512;
  let size = stat.blocks * 512;
  for (const name of await readdir(path).catch(() => [])) size += await folderSize(join(path, name));
  return size;
}
