import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import {
  encodeWhiteout,
  type LayerEntry,
  type LayerIndex,
  tarHeader,
  tarPadding,
  tarTrailer,
} from '@onebuild/oci';

/** A stretch of a layer's archive that is compressed by itself. */
export interface LayerBlock {
  readonly parts: readonly BlockPart[];
  /** bytes */
  readonly size: number;
  /** Digest of all that decides over its bytes; blocks with equal keys have equal bytes. */
  readonly key: string;
}

/** Bytes of the archive, or those of a file's content that lie in `from` to `to`. */
export type BlockPart =
  | Uint8Array
  | { readonly entry: LayerEntry; readonly from: number; readonly to: number };

export interface PlanOptions {
  /** Whole seconds that the archive says for an entry. */
  readonly mtimeOf: (entry: LayerEntry) => number;
  /** Most bytes of a block. */
  readonly blockSize: number;
}

/**
 * Cuts the archive of a layer into blocks, reading no file. Where a block ends depends on the entries near its end and on where it began, so
 * a changed, new or missing file changes the blocks around it and no others:
 *
 * - A file as big as a block, or bigger, begins one.
 * - From a quarter of `blockSize` on a block ends before an entry whose name says so (one in as many bytes does).
 * - `blockSize` is never passed, so a block may end inside an entry.
 *
 * These rules are part of the format: others give other bytes, so other digests.
 */
export function* planBlocks(index: LayerIndex, options: PlanOptions): Generator<LayerBlock> {
  const { blockSize } = options;
  const block = new BlockInMaking(blockSize);
  let before = 0;
  for (const entry of index.entries) {
    const content = entry.type === 'file' ? entry.size : 0;
    if (block.size > 0 && endsBefore(entry, { content, filled: block.size, before, blockSize }))
      yield block.take();
    const header = headerOf(entry, options.mtimeOf(entry));
    const padding = paddings[tarPadding(content)] as Uint8Array;
    before = header.length + content + padding.length;
    if (block.size + before < blockSize) {
      block.put(header);
      if (content > 0) block.putContent({ entry, from: 0, to: content });
      block.put(padding);
    } else {
      yield* block.fill(header);
      yield* block.fillContent(entry, content);
      yield* block.fill(padding);
    }
  }
  yield* block.fill(tarTrailer);
  if (block.size > 0) yield block.take();
}

const paddings = Array.from({ length: 512 }, (_, size) => new Uint8Array(size));

/** `before`: bytes of the entry before, which are its chance to be followed by a cut. */
function endsBefore(
  { path }: LayerEntry,
  at: {
    readonly content: number;
    readonly filled: number;
    readonly before: number;
    readonly blockSize: number;
  },
): boolean {
  const { content, filled, before, blockSize } = at;
  if (content >= blockSize) return true;
  return filled >= blockSize / 4 && crc32(path) / 2 ** 32 < before / (blockSize / 4);
}

class BlockInMaking {
  readonly #blockSize: number;
  readonly #key = createKey();
  #parts: BlockPart[] = [];
  size = 0;

  constructor(blockSize: number) {
    this.#blockSize = blockSize;
  }

  take(): LayerBlock {
    const block = { parts: this.#parts, size: this.size, key: this.#key.finish() };
    this.#parts = [];
    this.size = 0;
    return block;
  }

  /** What has room. */
  put(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#parts.push(bytes);
    this.#key.add(bytes);
    this.size += bytes.length;
  }

  putContent(part: Exclude<BlockPart, Uint8Array>): void {
    const { entry, from, to } = part;
    this.#parts.push(part);
    this.#key.addText(`${entry.digest} ${from} ${to}\n`);
    this.size += to - from;
  }

  /** What may need further blocks. */
  *fill(bytes: Uint8Array): Generator<LayerBlock> {
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#blockSize - this.size);
      this.put(part);
      at += part.length;
      if (this.size === this.#blockSize) yield this.take();
    }
  }

  *fillContent(entry: LayerEntry, size: number): Generator<LayerBlock> {
    for (let from = 0; from < size; ) {
      const to = Math.min(size, from + this.#blockSize - this.size);
      this.putContent({ entry, from, to });
      from = to;
      if (this.size === this.#blockSize) yield this.take();
    }
  }
}

/** Collects what is hashed: one call for a block instead of one for each of its parts. */
function createKey(): { add(bytes: Uint8Array): void; addText(text: string): void; finish(): string } {
  const room = Buffer.allocUnsafeSlow(1 << 16);
  let hash = createHash('sha256');
  let filled = 0;
  const flush = () => {
    hash.update(room.subarray(0, filled));
    filled = 0;
  };
  return {
    add(bytes) {
      if (bytes.length > room.length - filled) flush();
      if (bytes.length > room.length) {
        hash.update(bytes);
        return;
      }
      room.set(bytes, filled);
      filled += bytes.length;
    },
    addText(text) {
      if (text.length > room.length - filled) flush();
      filled += room.write(text, filled, 'latin1');
    },
    finish() {
      flush();
      const key = hash.digest('base64url');
      hash = createHash('sha256');
      return key;
    },
  };
}

function headerOf(entry: LayerEntry, mtime: number): Uint8Array {
  const { type } = entry;
  if (type !== 'whiteout' && type !== 'opaque') return tarHeader({ ...entry, type, mtime });
  const path = encodeWhiteout({ path: entry.path, type });
  return tarHeader({ path, type: 'file', mode: 0, uid: 0, gid: 0, size: 0, mtime });
}
