import { pipeline, type Transform } from 'node:stream';
import { fault, OneBuildError } from '@onebuild/core';

/** `source` through a decoder of node:zlib; its errors become TAR_INVALID, those of the source stay as they are. */
export async function* decodeThrough(
  source: AsyncIterable<Uint8Array>,
  decoder: Transform,
  format: string,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array> {
  pipeline(source, decoder, () => {});
  try {
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      signal?.throwIfAborted();
      yield chunk;
    }
  } catch (error) {
    throw damaged(error, format);
  } finally {
    decoder.destroy();
  }
}

/** TAR_INVALID for an error of the decoder itself; anything else as it is. */
export function damaged(error: unknown, format: string): unknown {
  const code = (error as { code?: unknown } | null)?.code;
  if (error instanceof OneBuildError || typeof code !== 'string') return error;
  if (!/^(Z_|ZSTD_|ERR_ZLIB|ERR_BUFFER_TOO_LARGE)/.test(code)) return error;
  const reason = code === 'Z_BUF_ERROR' ? 'it ends too early' : (error as Error).message;
  return fault('TAR_INVALID', `the ${format} stream is damaged: ${reason}`, { cause: error });
}
