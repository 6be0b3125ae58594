import type { Compression } from '@onebuild/oci';
import type { ChunkPool } from '../chunk-pool.ts';
import { gzipBlockSize, gzipStream } from './gzip-stream.ts';
import { zstdFrameSize, zstdStream } from './zstd-stream.ts';

export interface CompressOptions {
  /** gzip 1 to 9 (6 where not given), zstd 1 to 22 (3) */
  readonly level?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Where the chunks of the source come from: they are given back when they are compressed, so nobody else may hold them. */
  readonly pool?: ChunkPool | undefined;
  /** Blocks that may be in work at once. The result does not depend on it. */
  readonly inFlight?: number;
}

/** Bytes per block of input; a source that yields chunks of this size is read without a copy. */
export const compressionBlockSize: Readonly<Record<Compression, number>> = Object.freeze({
  none: 1 << 20,
  gzip: gzipBlockSize,
  zstd: zstdFrameSize,
});

/**
 * `source`, compressed on all cores. The same bytes, compression and level give the same result, with any number of
 * threads and any cut of the source into chunks.
 */
export function compressStream(
  source: AsyncIterable<Uint8Array>,
  options: CompressOptions & { readonly compression: Compression },
): AsyncIterable<Uint8Array> {
  if (options.compression === 'gzip') return gzipStream(source, options);
  if (options.compression === 'zstd') return zstdStream(source, options);
  return source;
}
