import { createHash, type Hash, hash } from 'node:crypto';
import { type Digest, fault } from '@onebuild/core';
import type { LayerEntry } from '@onebuild/oci';
import type { FileContent } from '../tree/file-tree.ts';
import { type OpenContent, openContent } from './open-content.ts';
import type { LayerBlock } from './plan-blocks.ts';

/**
 * Fills blocks of a layer, in the layer's order; blocks may be left out. Content from the host is compared with the size and digest of its
 * entry, also where only some of its blocks are wanted.
 */
export interface BlockReader {
  /** Bytes of the block, at the start of `target`. @throws CONTEXT_CHANGED, CONTEXT_READ, STORE_CORRUPT */
  read(block: LayerBlock, target: Uint8Array): Uint8Array;
  /** After the last block. @throws as `read` */
  finish(): void;
  /** Closes what a failure left open. */
  close(): void;
}

export function createBlockReader(contentOf: (entry: LayerEntry) => FileContent): BlockReader {
  let open: FileReader | undefined;
  const finish = () => {
    const last = open;
    open = undefined;
    last?.finish();
  };
  return {
    read(block, target) {
      let filled = 0;
      for (const part of block.parts) {
        if (part instanceof Uint8Array) {
          target.set(part, filled);
          filled += part.length;
          continue;
        }
        if (open?.entry !== part.entry) {
          finish();
          open = new FileReader(part.entry, contentOf(part.entry));
        }
        open.read(target.subarray(filled, filled + part.to - part.from), part.from);
        filled += part.to - part.from;
        if (part.to === part.entry.size) finish();
      }
      return target.subarray(0, filled);
    },
    finish,
    close() {
      open?.close();
      open = undefined;
    },
  };
}

/** One file that is read from its start to its end. */
class FileReader {
  readonly entry: LayerEntry;
  readonly #content: OpenContent;
  readonly #check: Check | undefined;
  #at = 0;

  constructor(entry: LayerEntry, content: FileContent) {
    this.entry = entry;
    this.#content = openContent(content, entry.path);
    this.#check = content.kind === 'host' ? createCheck(entry.size) : undefined;
  }

  read(target: Uint8Array, from: number): void {
    this.#skip(from);
    this.#fill(target);
  }

  finish(): void {
    try {
      if (this.#check === undefined) return;
      this.#skip(this.entry.size);
      if (this.#content.read(Buffer.allocUnsafe(1)) > 0)
        throw changed(this.entry, 'it is longer than it was');
      if (this.entry.digest !== undefined && this.#check.digest() !== this.entry.digest)
        throw changed(this.entry, 'its content is another');
    } finally {
      this.close();
    }
  }

  close(): void {
    this.#content.close();
  }

  /** What is to be compared has to be read all the same. */
  #skip(to: number): void {
    if (to === this.#at) return;
    if (this.#check === undefined) {
      this.#content.skip(to - this.#at);
      this.#at = to;
      return;
    }
    const room = Buffer.allocUnsafe(Math.min(1 << 20, to - this.#at));
    while (this.#at < to) this.#fill(room.subarray(0, to - this.#at));
  }

  #fill(target: Uint8Array): void {
    for (let filled = 0; filled < target.length; ) {
      const count = this.#content.read(target.subarray(filled));
      if (count === 0) throw changed(this.entry, 'it is shorter than it was');
      this.#check?.update(target.subarray(filled, filled + count));
      filled += count;
    }
    this.#at += target.length;
  }
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
