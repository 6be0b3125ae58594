import { randomUUID } from 'node:crypto';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fault, isFault } from '@onebuild/core';

/**
 * Gives a file a new content, whole or not at all, through a link to the file that it names; mode and owner stay.
 * @param before - what the new content was made from
 * @throws CONTEXT_CHANGED where the file has another content by now: it stays as it is; FILE_ACCESS
 */
export async function replaceFile(path: string, before: Uint8Array, after: string): Promise<void> {
  try {
    const target = await realpath(path);
    const temporary = join(dirname(target), `.onebuild-${randomUUID()}`);
    const { mode, uid, gid } = await stat(target);
    try {
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(after);
        // of others' files only root can keep the owner
        await file.chown(uid, gid).catch(() => {});
        await file.chmod(mode & 0o7777);
        await file.sync();
      } finally {
        await file.close();
      }
      if (!(await readFile(target)).equals(before)) {
        throw fault('CONTEXT_CHANGED', `${path} changed while it was looked at, and was left as it is`, {
          hint: 'Run the command again.',
        });
      }
      await rename(temporary, target);
    } finally {
      await rm(temporary, { force: true });
    }
  } catch (cause) {
    if (isFault(cause)) throw cause;
    throw fault('FILE_ACCESS', `cannot write ${path}`, { cause });
  }
}
