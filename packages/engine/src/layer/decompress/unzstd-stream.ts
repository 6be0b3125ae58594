import { createZstdDecompress, zstdDecompress } from 'node:zlib';
import { fault } from '@onebuild/core';
import { defaultInFlight } from '../compress/run-in-order.ts';
import { damaged, decodeThrough } from './decode-through.ts';
import { createFrameScanner, type FrameScanner } from './zstd-frame-scanner.ts';

/** Frames up to this size are decoded whole, several at once. */
const wholeFrameLimit = 16 << 20;

/** Each takes its time, however little is in it. */
export const mostZstdFrames = 1 << 20;
/** Bytes. */
const smallestRoom = 1024;
const largestRoom = 1 << 20;

interface Piece {
  readonly bytes: Uint8Array;
  readonly ended: boolean;
}

/** Decodes all frames of a zstd stream: small ones in parallel, big ones as they come. node:zlib alone stops after the first. */
export async function* unzstdStream(
  source: AsyncIterable<Uint8Array>,
  options: { readonly signal?: AbortSignal | undefined; readonly mostFrames?: number } = {},
): AsyncGenerator<Uint8Array> {
  const { signal, mostFrames = mostZstdFrames } = options;
  const scanner = createFrameScanner();
  const pieces = cutFrames(source, scanner);
  const pending: Promise<Uint8Array>[] = [];
  try {
    for (let frames = 0; ; frames++) {
      signal?.throwIfAborted();
      if (frames > mostFrames)
        throw fault('TAR_INVALID', `the zstd stream has more than ${mostFrames} frames`);
      const { held, ended, eof } = await gatherFrame(pieces, scanner);
      if (eof) break;
      if (scanner.skippable) {
        if (!ended) await drop(pieces);
        continue;
      }
      if (ended && (scanner.contentSize ?? Number.POSITIVE_INFINITY) <= wholeFrameLimit) {
        const result = decodeFrame(held, scanner.contentSize);
        result.catch(() => {});
        pending.push(result);
        if (pending.length >= defaultInFlight) yield await (pending.shift() as Promise<Uint8Array>);
        continue;
      }
      while (pending.length > 0) yield await (pending.shift() as Promise<Uint8Array>);
      const frame = ended ? wholeFrame(held) : restOfFrame(held, pieces);
      yield* decodeThrough(frame, createZstdDecompress({ chunkSize: 256 << 10 }), 'zstd', signal);
    }
    while (pending.length > 0) yield await (pending.shift() as Promise<Uint8Array>);
  } finally {
    await pieces.return(undefined);
  }
}

/** The chunks of `source`, cut where frames end. */
async function* cutFrames(
  source: AsyncIterable<Uint8Array>,
  scanner: FrameScanner,
): AsyncGenerator<Piece, undefined> {
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; ) {
      const { consumed, ended } = scanner.scan(chunk, at);
      yield { bytes: chunk.subarray(at, at + consumed), ended };
      at += consumed;
    }
  }
  if (!scanner.idle) throw fault('TAR_INVALID', 'the zstd stream is damaged: it ends too early');
  return undefined;
}

/** The next frame, or its beginning when it is a big one. */
async function gatherFrame(
  pieces: AsyncGenerator<Piece, undefined>,
  scanner: FrameScanner,
): Promise<{ held: Uint8Array[]; ended: boolean; eof: boolean }> {
  const held: Uint8Array[] = [];
  for (let size = 0; size < wholeFrameLimit; ) {
    const { value, done } = await pieces.next();
    if (done) return { held, ended: true, eof: true };
    held.push(value.bytes);
    size += value.bytes.length;
    if (value.ended) return { held, ended: true, eof: false };
    if ((scanner.contentSize ?? 0) > wholeFrameLimit) break;
  }
  return { held, ended: false, eof: false };
}

/** `size`: what the frame says of itself, for the room that is made; a million tiny frames must not take as much as a million large ones. */
async function decodeFrame(held: readonly Uint8Array[], size = largestRoom): Promise<Uint8Array> {
  const frame = Buffer.concat(held);
  const chunkSize = Math.max(smallestRoom, Math.min(largestRoom, size));
  try {
    return await new Promise((resolve, reject) => {
      zstdDecompress(frame, { chunkSize, maxOutputLength: wholeFrameLimit }, (error, result) =>
        error ? reject(error) : resolve(result),
      );
    });
  } catch (error) {
    throw damaged(error, 'zstd');
  }
}

async function* wholeFrame(held: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* held;
}

async function* restOfFrame(
  held: readonly Uint8Array[],
  pieces: AsyncGenerator<Piece, undefined>,
): AsyncGenerator<Uint8Array> {
  yield* held;
  for (;;) {
    const { value, done } = await pieces.next();
    if (done) return;
    yield value.bytes;
    if (value.ended) return;
  }
}

async function drop(pieces: AsyncGenerator<Piece, undefined>): Promise<void> {
  for (;;) {
    const { value, done } = await pieces.next();
    if (done || value.ended) return;
  }
}
