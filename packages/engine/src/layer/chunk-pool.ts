/**
 * Buffers of one size that are used again: fresh memory costs its page faults, which take longer than hashing it.
 * Whoever got a chunk gives it back once, when nobody reads it any more; one that is never given back is only garbage.
 */
export interface ChunkPool {
  readonly chunkSize: number;
  take(): Buffer;
  /** Takes any view of a chunk of this pool; other buffers are ignored. */
  give(view: Uint8Array): void;
}

/** @param chunkSize bytes; at most `keep` chunks wait for their next use */
export function createChunkPool(chunkSize: number, keep = 32): ChunkPool {
  const free: ArrayBuffer[] = [];
  const lent = new WeakSet<ArrayBufferLike>();
  return {
    chunkSize,
    take() {
      const memory = free.pop() ?? Buffer.allocUnsafeSlow(chunkSize).buffer;
      lent.add(memory);
      return Buffer.from(memory);
    },
    give(view) {
      const memory = view.buffer;
      if (!lent.delete(memory) || free.length >= keep) return;
      free.push(memory as ArrayBuffer);
    },
  };
}
