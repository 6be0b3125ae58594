import type { FileHandle } from 'node:fs/promises';

/** Few, large writes; the count bounds what many tiny chunks cost, and stays under the system's limit for one call. */
const batchBytes = 1024 * 1024;
const batchChunks = 256;
/** Bytes after which the disk starts on what it got, so that little is left to wait for at the end. */
const flushBytes = 64 * 1024 * 1024;

/**
 * Writes everything a source gives at a position of a file. One batch is written while the next one gathers, and no
 * chunk is copied. `seen` gets every chunk, in order.
 *
 * @returns how many bytes are in the file now, and what made it end early; never throws for the source
 */
export async function writeBatches(
  file: FileHandle,
  position: number,
  source: AsyncIterable<Uint8Array>,
  seen: (chunk: Uint8Array) => void,
): Promise<{ readonly bytes: number; readonly broken?: unknown }> {
  let bytes = 0;
  let batch: Uint8Array[] = [];
  let size = 0;
  let unflushed = 0;
  let writing: Promise<void> = Promise.resolve();
  let flushing: Promise<void> = Promise.resolve();
  let broken: unknown;

  const send = async () => {
    await writing;
    if (size === 0) return;
    writing = writeAll(file, batch, position + bytes);
    writing.catch(() => {});
    bytes += size;
    unflushed += size;
    batch = [];
    size = 0;
    if (unflushed < flushBytes) return;
    unflushed = 0;
    await flushing;
    flushing = writing.then(() => file.datasync());
    flushing.catch(() => {});
  };

  try {
    for await (const chunk of source) {
      seen(chunk);
      batch.push(chunk);
      size += chunk.length;
      if (size >= batchBytes || batch.length >= batchChunks) await send();
    }
  } catch (error) {
    broken = error;
  }
  await send();
  await writing;
  await flushing;
  return broken === undefined ? { bytes } : { bytes, broken };
}

async function writeAll(file: FileHandle, batch: readonly Uint8Array[], position: number): Promise<void> {
  const { bytesWritten } = await file.writev(batch, position);
  let skip = bytesWritten;
  let at = position + bytesWritten;
  for (const chunk of batch) {
    let from = Math.min(skip, chunk.length);
    skip -= from;
    while (from < chunk.length) {
      const written = (await file.write(chunk, from, chunk.length - from, at)).bytesWritten;
      from += written;
      at += written;
    }
  }
}
