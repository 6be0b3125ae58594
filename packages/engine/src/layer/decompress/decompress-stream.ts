import { fault } from '@onebuild/core';
import { type ArchiveFormat, detectFormat, formatOfMediaType, magicSize } from './archive-format.ts';
import { decodeThrough } from './decode-through.ts';

export interface DecompressOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of output that any stream may have; default `unpackLimit`. */
  readonly limit?: number | undefined;
}

/**
 * What a compressed stream may unpack to: so many bytes; or, for data as it is in the world, as many as are so many times
 * what came in. More is a bomb.
 */
export const unpackLimit = 64 * 2 ** 30;
export const unpackRatio = 100;

/**
 * The plain bytes of `source`: gzip (several members), zstd (several frames), bzip2, xz, or bytes that aren't
 * compressed. `format` is a name, a layer's media type, or `auto`: by the first bytes.
 * @throws TAR_INVALID when it is damaged, or goes beyond `limit` and {@link unpackRatio}, TOOL_MISSING where bzip2 or xz is not installed
 */
export async function* decompressStream(
  source: AsyncIterable<Uint8Array>,
  format: ArchiveFormat | 'auto' | (string & {}),
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  let packed = 0;
  const counted = async function* (): AsyncGenerator<Uint8Array> {
    for await (const chunk of source) {
      packed += chunk.length;
      yield chunk;
    }
  };
  const [start, whole] = format === 'auto' ? await peek(counted(), magicSize) : [undefined, counted()];
  const known = start === undefined ? formatOf(format) : detectFormat(start);
  const plain = await decoded(whole, known, options);
  const { limit = unpackLimit } = options;
  let size = 0;
  for await (const chunk of plain) {
    size += chunk.length;
    if (size > limit && size > packed * unpackRatio) throw bomb(limit);
    yield chunk;
  }
}

function bomb(limit: number): Error {
  return fault(
    'TAR_INVALID',
    `the archive unpacks to more than ${limit} bytes, over ${unpackRatio} times what it takes up itself`,
    { hint: 'Nothing that is meant well compresses like this; look at where it comes from.' },
  );
}

function formatOf(name: string): ArchiveFormat {
  if (name === 'none' || name === 'gzip' || name === 'zstd' || name === 'bzip2' || name === 'xz') return name;
  return formatOfMediaType(name);
}

async function decoded(
  source: AsyncIterable<Uint8Array>,
  format: ArchiveFormat,
  options: DecompressOptions,
): Promise<AsyncIterable<Uint8Array>> {
  switch (format) {
    case 'none':
      return source;
    case 'gzip': {
      const { createGunzip } = await import('node:zlib');
      return decodeThrough(source, createGunzip({ chunkSize: 256 << 10 }), format, options.signal);
    }
    case 'zstd': {
      const { unzstdStream } = await import('./unzstd-stream.ts');
      return unzstdStream(source, { signal: options.signal });
    }
    case 'bzip2':
    case 'xz': {
      const { unpackWithProgram } = await import('./unpack-with-program.ts');
      return unpackWithProgram(source, format, options.signal);
    }
  }
}

/** The first `size` bytes (fewer where there are no more), and the whole stream, those bytes included. */
export async function peek(
  source: AsyncIterable<Uint8Array>,
  size: number,
): Promise<readonly [Uint8Array, AsyncIterable<Uint8Array>]> {
  const iterator = source[Symbol.asyncIterator]();
  const held: Uint8Array[] = [];
  let length = 0;
  while (length < size) {
    const { value, done } = await iterator.next();
    if (done) break;
    held.push(value);
    length += value.length;
  }
  return [Buffer.concat(held).subarray(0, size), joined(held, iterator)];
}

async function* joined(held: Uint8Array[], iterator: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    while (held.length > 0) yield held.shift() as Uint8Array;
    yield* { [Symbol.asyncIterator]: () => iterator };
  } finally {
    await iterator.return?.();
  }
}
