import type { LayerEntry, LayerIndex } from '@onebuild/oci';
import type { FileContent } from '../tree/file-tree.ts';
import { createBlockReader } from './block-reader.ts';
import { leadHardlinks } from './lead-hardlinks.ts';
import { planBlocks } from './plan-blocks.ts';

export interface LayerTarOptions {
  /** Whole seconds that the archive says for an entry. */
  readonly mtimeOf: (entry: LayerEntry) => number;
  readonly signal?: AbortSignal | undefined;
  /** Most bytes of a chunk. */
  readonly chunkSize?: number;
}

/**
 * A layer as a tar archive, in chunks that nobody writes to again. Entries stand in the order of the index, hard links after their targets
 * ({@link leadHardlinks}); the same index, contents and times give the same bytes. Content from the host is compared with the size and
 * digest of its entry while it is read.
 * @throws CONTEXT_CHANGED, CONTEXT_READ, STORE_CORRUPT
 */
export async function* layerTar(
  index: LayerIndex,
  contentOf: (entry: LayerEntry) => FileContent,
  { mtimeOf, signal, chunkSize = 1 << 20 }: LayerTarOptions,
): AsyncGenerator<Uint8Array> {
  const reader = createBlockReader(contentOf);
  try {
    for (const block of planBlocks(leadHardlinks(index), { mtimeOf, blockSize: chunkSize })) {
      signal?.throwIfAborted();
      yield reader.read(block, Buffer.allocUnsafe(block.size));
    }
    reader.finish();
  } finally {
    reader.close();
  }
}
