import { fault } from '@onebuild/core';
import { type ArchiveFormat, detectFormat, formatOfMediaType, magicSize } from './archive-format.ts';
import { decodeThrough } from './decode-through.ts';

export interface DecompressOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes of output after which the stream is refused. */
  readonly limit?: number | undefined;
}

/**
 * The plain bytes of `source`: gzip (several members), zstd (several frames), bzip2, xz, or bytes that aren't
 * compressed. `format` is a name, a layer's media type, or `auto`: by the first bytes.
 * @throws TAR_INVALID when it is damaged or goes beyond `limit`, TOOL_MISSING where bzip2 or xz is not installed
 */
export async function* decompressStream(
  source: AsyncIterable<Uint8Array>,
  format: ArchiveFormat | 'auto' | (string & {}),
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array> {
  const [start, whole] = format === 'auto' ? await peek(source, magicSize) : [undefined, source];
  const known = start === undefined ? formatOf(format) : detectFormat(start);
  const plain = await decoded(whole, known, options);
  let size = 0;
  for await (const chunk of plain) {
    size += chunk.length;
    if (options.limit !== undefined && size > options.limit) {
      throw fault('TAR_INVALID', `the archive holds more than ${options.limit} bytes`);
    }
    yield chunk;
  }
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
      return unzstdStream(source, options.signal);
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
