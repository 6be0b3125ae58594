import type { ChunkPool } from '../chunk-pool.ts';

/**
 * The same bytes in blocks of exactly the pool's size (the last one may be shorter, none is empty), however they were
 * cut before. Takes over the chunks of `source`: they go back to the pool after their last use; so must the blocks.
 */
export async function* splitBlocks(
  source: AsyncIterable<Uint8Array>,
  pool: ChunkPool,
): AsyncGenerator<Uint8Array> {
  const size = pool.chunkSize;
  let block: Buffer | undefined;
  let filled = 0;
  for await (const chunk of source) {
    if (block === undefined && chunk.length === size) {
      yield chunk;
      continue;
    }
    for (let from = 0; from < chunk.length; ) {
      block ??= pool.take();
      const count = Math.min(size - filled, chunk.length - from);
      block.set(chunk.subarray(from, from + count), filled);
      filled += count;
      from += count;
      if (filled < size) continue;
      yield block;
      block = undefined;
      filled = 0;
    }
    pool.give(chunk);
  }
  if (block !== undefined) yield block.subarray(0, filled);
}
