import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { zstdCodec } from '../layer/compress/zstd-codec.ts';

/** Below so many bytes, a trip to another thread takes longer than the work. */
const smallChunk = 48 << 10;
const level = 3;

/** A chunk as it is stored: a zstd frame, or as it is where that is not smaller. */
export function packChunk(raw: Uint8Array): Uint8Array | Promise<Uint8Array> {
  const smaller = (packed: Uint8Array) => (packed.length < raw.length ? packed : raw);
  if (raw.length > smallChunk) return zstdCodec.pack(raw, level).then(smaller);
  return smaller(
    zstdCompressSync(raw, {
      params: { [constants.ZSTD_c_compressionLevel]: level },
      pledgedSrcSize: raw.length,
      chunkSize: raw.length + 64,
    }),
  );
}

/** What `packChunk` was given, `rawLength` bytes. Throws where it is more, or no zstd. */
export function unpackChunk(stored: Uint8Array, rawLength: number): Uint8Array | Promise<Uint8Array> {
  if (stored.length === rawLength) return stored;
  if (rawLength > smallChunk) return zstdCodec.unpack(stored, rawLength);
  return zstdDecompressSync(stored, { maxOutputLength: rawLength, chunkSize: rawLength + 64 });
}
