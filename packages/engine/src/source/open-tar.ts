import { isFault } from '@onebuild/core';
import { createTarParser } from '@onebuild/oci';
import { decompressStream, peek } from '../layer/decompress.ts';

/** What a stream turned out to be. `tar`: an archive, decompressed. `other`: the bytes as they came. */
export type OpenedStream =
  | { readonly kind: 'tar'; readonly bytes: AsyncIterable<Uint8Array>; readonly empty: boolean }
  | { readonly kind: 'other'; readonly bytes: AsyncIterable<Uint8Array> };

const blockSize = 512;

/**
 * Tells tar archives (plain, gzip, zstd, bzip2, xz) by their content, as Docker does: what does not begin with a
 * header is something else. `empty`: nothing but zeros.
 * @throws TOOL_MISSING, what the source throws
 */
export async function openTar(
  source: () => AsyncIterable<Uint8Array>,
  signal?: AbortSignal,
): Promise<OpenedStream> {
  const [start, bytes] = await peek(decompressStream(source(), 'auto', { signal }), blockSize).catch(damaged);
  const first = readFirst(start);
  if (first === 'entry') return { kind: 'tar', bytes, empty: false };
  if (first === 'zeros') return { kind: 'tar', bytes, empty: true };
  await bytes[Symbol.asyncIterator]().return?.();
  return { kind: 'other', bytes: source() };
}

/** A file that only looks compressed is no archive. */
function damaged(error: unknown): readonly [Uint8Array, AsyncIterable<Uint8Array>] {
  if (!isFault(error, 'TAR_INVALID')) throw error;
  return [new Uint8Array(0), none()];
}

async function* none(): AsyncGenerator<Uint8Array> {}

function readFirst(block: Uint8Array): 'entry' | 'zeros' | 'other' {
  if (block.length < blockSize) return 'other';
  if (block.every((byte) => byte === 0)) return 'zeros';
  try {
    createTarParser({ entry() {}, data() {}, end() {} }).write(block);
    return 'entry';
  } catch (error) {
    if (!isFault(error, 'TAR_INVALID')) throw error;
    return startsLikeTar(block) ? 'entry' : 'other';
  }
}

/** A header that has to be refused is still one: its error has to be told, instead of copying the archive. */
function startsLikeTar(block: Uint8Array): boolean {
  return Buffer.from(block.buffer, block.byteOffset, block.length).toString('latin1', 257, 262) === 'ustar';
}
