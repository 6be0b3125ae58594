import { randomUUID } from 'node:crypto';
import { copyFile, link, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { toFault } from '@onebuild/core';

export function errnoOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** What `run` gives, or undefined where the path (or a folder on it) isn't there. */
export async function unlessMissing<T>(run: Promise<T>): Promise<T | undefined> {
  try {
    return await run;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT' || errno === 'ENOTDIR') return undefined;
    throw toFault(error);
  }
}

/** Removes a file; false where it wasn't there. */
export async function removeFile(path: string): Promise<boolean> {
  return (await unlessMissing(rm(path).then(() => true))) ?? false;
}

/** Names in a folder; none where it isn't there. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await unlessMissing(readdir(folder))) ?? [];
}

/** Puts the entries of a folder on the disk. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await unlessMissing(open(folder, 'r'));
  if (!handle) return;
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Writes a file wholly or not at all, over one that is there, and puts it and its name on the disk. */
export async function writeDurably(target: string, bytes: Uint8Array, tmp: string): Promise<void> {
  const draft = join(tmp, randomUUID());
  try {
    const handle = await createFile(draft);
    try {
      await handle.writeFile(bytes);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await makeFolder(dirname(target));
    await rename(draft, target);
    await syncFolder(dirname(target));
  } catch (error) {
    await rm(draft, { force: true });
    throw toFault(error);
  }
}

/** Opens a new file for writing and reading, making its folder where that is missing. */
export async function createFile(path: string) {
  try {
    return await open(path, 'wx+');
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw toFault(error);
    await makeFolder(dirname(path));
    return await open(path, 'wx+');
  }
}

/** Makes a folder with all above it, and puts their names on the disk. */
export async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/**
 * Gives a file a second name. A name that is there already stays. Where the file system has no hard links, or no
 * more for this file, the new name gets a copy.
 *
 * @returns false where `from` isn't there
 */
export async function shareFile(from: string, to: string, tmp: string): Promise<boolean> {
  for (let attempt = 0; ; attempt++) {
    try {
      await link(from, to);
      return true;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === 'EEXIST') return true;
      if (errno === 'EMLINK' || errno === 'EPERM' || errno === 'ENOTSUP' || errno === 'EXDEV') {
        return await copyDurably(from, to, tmp);
      }
      if (errno !== 'ENOENT') throw toFault(error);
      if (attempt > 0 || !(await unlessMissing(stat(from)))) return false;
      await makeFolder(dirname(to));
    }
  }
}

async function copyDurably(from: string, to: string, tmp: string): Promise<boolean> {
  const draft = join(tmp, randomUUID());
  try {
    await makeFolder(tmp);
    await copyFile(from, draft);
    const handle = await open(draft, 'r+');
    await handle.datasync().finally(() => handle.close());
    await rename(draft, to);
    return true;
  } catch (error) {
    await rm(draft, { force: true });
    if (errnoOf(error) === 'ENOENT') return false;
    throw toFault(error);
  }
}

/** How old a file's time may be before use of the file renews it; well under any sensible time of grace. */
const renewAfterMs = 20_000;

/**
 * Size of a file that somebody needs. Renews its time, by which collection of garbage sees that it is needed, and
 * gives undefined where it isn't there.
 */
export async function touchFile(path: string): Promise<number | undefined> {
  const found = await unlessMissing(stat(path));
  if (!found) return undefined;
  const now = new Date();
  if (now.getTime() - found.mtimeMs < renewAfterMs) return found.size;
  try {
    await utimes(path, now, now);
    return found.size;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === 'ENOENT') return undefined;
    if (errno === 'EROFS' || errno === 'EACCES' || errno === 'EPERM') return found.size;
    throw toFault(error);
  }
}
