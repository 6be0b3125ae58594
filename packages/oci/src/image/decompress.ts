import type { Transform } from 'node:stream';
import { fault } from '@onebuild/core';
import type { Compression } from '../media-types.ts';

/**
 * Streams what a compressed stream holds. Bytes that are damaged, missing or too many: DIGEST_MISMATCH.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  compression: Compression,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (compression === 'none') {
    yield* source;
    return;
  }
  const [{ Readable }, zlib] = await Promise.all([import('node:stream'), import('node:zlib')]);
  const decoder: Transform = compression === 'gzip' ? zlib.createGunzip() : zlib.createZstdDecompress();
  const input = Readable.from(source, { objectMode: false });
  input.on('error', (error) => decoder.destroy(error));
  input.pipe(decoder);
  try {
    for await (const chunk of decoder) yield chunk as Uint8Array;
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code !== 'string' || !/^Z_|^ZSTD_|^ERR_ZLIB|^ERR_ZSTD/.test(code)) throw error;
    throw fault('DIGEST_MISMATCH', `the ${compression} stream is damaged`, { cause: error });
  } finally {
    input.destroy();
    decoder.destroy();
  }
}
