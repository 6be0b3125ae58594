import { randomUUID } from 'node:crypto';
import { lstat, mkdir, open, realpath, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fault } from '@onebuild/core';
import type { OutputDestination } from '../build-options.ts';
import { destinationFault } from './destination-fault.ts';

/**
 * Writes the bytes where the user wants them. A file appears whole or not at all, and an earlier one stays until then;
 * a pipe or device is written as it is. A stream is left open.
 * @throws FILE_ACCESS, DISK_FULL, what the bytes throw
 */
export async function writeDestination(
  destination: OutputDestination,
  bytes: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if ('stream' in destination) {
      await pipeline(bytes, destination.stream, { signal, end: false });
      return;
    }
    const path = resolve(destination.path);
    const there = await realpath(path).catch(() => path);
    const found = await lstat(there).catch(() => undefined);
    if (found?.isDirectory())
      throw fault('FILE_ACCESS', `${path} is a folder; an archive was to be written there`);
    if (found === undefined || found.isFile()) await writeFileWhole(there, bytes, signal);
    else await writeInto(there, bytes, signal);
  } catch (error) {
    throw destinationFault(error, 'path' in destination ? destination.path : undefined);
  }
}

/** A file with new content, by rename. */
export async function writeFileWhole(
  path: string,
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temp = join(dirname(path), `.onebuild-${randomUUID()}`);
  try {
    const file = await open(temp, 'wx', 0o666);
    await pipeline(bytes, file.createWriteStream({ highWaterMark: 1 << 20 }), { signal });
    await rename(temp, path);
  } catch (error) {
    await rm(temp, { force: true });
    throw error;
  }
}

async function writeInto(path: string, bytes: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
  const file = await open(path, 'w');
  await pipeline(bytes, file.createWriteStream(), { signal });
}
