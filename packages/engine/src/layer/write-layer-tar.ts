import { createHash, type Hash, hash } from 'node:crypto';
import { type Digest, fault } from '@onebuild/core';
import {
  encodeWhiteout,
  type LayerEntry,
  type LayerIndex,
  tarHeader,
  tarPadding,
  tarTrailer,
} from '@onebuild/oci';
import type { FileContent } from '../tree/file-tree.ts';
import { type ChunkPool, createChunkPool } from './chunk-pool.ts';
import { leadHardlinks } from './lead-hardlinks.ts';
import { type OpenContent, openContent } from './open-content.ts';

export interface LayerTarOptions {
  /** Whole seconds that the archive says for an entry. */
  readonly mtimeOf: (entry: LayerEntry) => number;
  readonly signal?: AbortSignal | undefined;
  /** Where chunks come from; the consumer may give them back. Without one every chunk is new memory. */
  readonly pool?: ChunkPool | undefined;
}

const defaultChunkSize = 1 << 20;
const zeros = new Uint8Array(512);

/**
 * A layer as a tar archive, in chunks of the pool's size (the last one is shorter) that nobody writes to again. Entries
 * stand in the order of the index, hard links after their targets ({@link leadHardlinks}); the same index, contents and
 * times give the same bytes. Content from the host is compared with the size and digest of its entry while it is read.
 * @throws CONTEXT_CHANGED, CONTEXT_READ, STORE_CORRUPT
 */
export async function* layerTar(
  index: LayerIndex,
  contentOf: (entry: LayerEntry) => FileContent,
  options: LayerTarOptions,
): AsyncGenerator<Uint8Array> {
  for (const chunk of tarChunks(leadHardlinks(index), contentOf, options)) {
    options.signal?.throwIfAborted();
    yield chunk;
  }
}

/** Chunk by chunk, without a promise per entry. */
function* tarChunks(
  index: LayerIndex,
  contentOf: (entry: LayerEntry) => FileContent,
  options: LayerTarOptions,
): Generator<Uint8Array> {
  const pool = options.pool ?? createChunkPool(defaultChunkSize);
  const room: Room = { pool, chunk: pool.take(), filled: 0 };
  for (const entry of index.entries) {
    const header = headerOf(entry, options.mtimeOf(entry));
    if (!fits(room, header)) yield* put(room, header);
    if (entry.type !== 'file' || entry.size === 0) continue;
    const content = contentOf(entry);
    const file = openContent(content, entry.path);
    try {
      yield* copyFile(room, file, { entry, verified: content.kind === 'host' });
    } finally {
      file.close();
    }
    const padding = zeros.subarray(0, tarPadding(entry.size));
    if (!fits(room, padding)) yield* put(room, padding);
  }
  yield* put(room, tarTrailer);
  if (room.filled > 0) yield room.chunk.subarray(0, room.filled);
}

/** The chunk that is being filled. */
interface Room {
  readonly pool: ChunkPool;
  chunk: Buffer;
  filled: number;
}

function fits(room: Room, bytes: Uint8Array): boolean {
  if (room.filled + bytes.length >= room.chunk.length) return false;
  room.chunk.set(bytes, room.filled);
  room.filled += bytes.length;
  return true;
}

function* put(room: Room, bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const count = Math.min(room.chunk.length - room.filled, bytes.length - at);
    room.chunk.set(bytes.subarray(at, at + count), room.filled);
    at += count;
    yield* grow(room, count);
  }
}

/** Counts `bytes` that were put at the end, and hands a full chunk out. */
function* grow(room: Room, bytes: number): Generator<Uint8Array> {
  room.filled += bytes;
  if (room.filled < room.chunk.length) return;
  yield room.chunk;
  room.chunk = room.pool.take();
  room.filled = 0;
}

function* copyFile(
  room: Room,
  file: OpenContent,
  { entry, verified }: { readonly entry: LayerEntry; readonly verified: boolean },
): Generator<Uint8Array> {
  const check = verified ? createCheck(entry.size) : undefined;
  for (let left = entry.size; left > 0; ) {
    const target = room.chunk.subarray(room.filled, Math.min(room.chunk.length, room.filled + left));
    const count = file.read(target);
    if (count === 0) throw changed(entry, 'it is shorter than it was');
    left -= count;
    check?.update(target.subarray(0, count));
    yield* grow(room, count);
  }
  if (check === undefined) return;
  if (file.read(Buffer.allocUnsafe(1)) > 0) throw changed(entry, 'it is longer than it was');
  if (entry.digest !== undefined && check.digest() !== entry.digest)
    throw changed(entry, 'its content is another');
}

interface Check {
  update(bytes: Uint8Array): void;
  digest(): Digest;
}

/** Hashes a file that comes in one piece without the cost of a hash object. */
function createCheck(size: number): Check {
  let whole: string | undefined;
  let running: Hash | undefined;
  return {
    update(bytes) {
      if (bytes.length === size) {
        whole = hash('sha256', bytes);
        return;
      }
      running ??= createHash('sha256');
      running.update(bytes);
    },
    digest: () => `sha256:${whole ?? running?.digest('hex')}` as Digest,
  };
}

function changed(entry: LayerEntry, how: string): Error {
  return fault('CONTEXT_CHANGED', `${JSON.stringify(entry.path)} changed during the build: ${how}`);
}

function headerOf(entry: LayerEntry, mtime: number): Uint8Array {
  const { type } = entry;
  if (type !== 'whiteout' && type !== 'opaque') return tarHeader({ ...entry, type, mtime });
  const path = encodeWhiteout({ path: entry.path, type });
  return tarHeader({ path, type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtime });
}
