import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fault, toFault } from '@onebuild/core';

/** What a folder may have in it that is not a layout yet. */
const ours: readonly string[] = ['blobs', 'index.json', 'lock.db', 'tmp'];

/**
 * Makes a folder an OCI image layout without images, where it is not a layout yet.
 * @throws OUTPUT_INVALID where it has other things in it, FILE_ACCESS
 */
export async function prepareLayout(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    const names = await readdir(folder);
    if (names.includes('oci-layout')) return;
    const other = names.find((name) => !ours.includes(name));
    if (other !== undefined) {
      throw fault('OUTPUT_INVALID', `${folder} is no cache: it has ${JSON.stringify(other)} in it`, {
        hint: 'Name a folder that is empty, or not there yet.',
      });
    }
    await writeWhole(folder, 'oci-layout', [Buffer.from('{"imageLayoutVersion":"1.0.0"}')]);
  } catch (error) {
    throw toFault(error);
  }
}

/**
 * Writes a file of a layout so that it is there whole or not at all, whoever is killed or writes the same.
 *
 * @param content fails where it is not what it should be; then the file stays as it was
 */
export async function writeWhole(
  folder: string,
  path: string,
  content: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  {
    signal,
    at,
  }: { readonly signal?: AbortSignal /** Its time, in milliseconds. */; readonly at?: number } = {},
): Promise<void> {
  const temp = join(folder, 'tmp', randomUUID());
  const target = join(folder, path);
  try {
    await mkdir(dirname(temp), { recursive: true });
    await mkdir(dirname(target), { recursive: true });
    await pipeline(Readable.from(content), createWriteStream(temp, { flags: 'wx' }), {
      ...(signal && { signal }),
    });
    if (at !== undefined) await utimes(temp, at / 1000, at / 1000);
    await rename(temp, target);
  } catch (error) {
    await rm(temp, { force: true });
    throw toFault(error);
  }
}

/** A file of at most `limit` bytes; undefined where it is not there. @throws CACHE_DAMAGED where it has more */
export async function readWhole(
  folder: string,
  path: string,
  limit: number,
): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(join(folder, path));
    const { size } = await file.stat();
    if (size > limit) throw fault('CACHE_DAMAGED', `${path} has ${size} bytes; ${limit} are allowed`);
    return await file.readFile();
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw toFault(error);
  }
}
