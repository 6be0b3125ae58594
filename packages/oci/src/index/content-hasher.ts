import { createHash, type Hash, hash } from 'node:crypto';
import type { Digest } from '@onebuild/core';

const ofNothing = `sha256:${hash('sha256', '', 'hex')}` as Digest;

/** SHA-256 of a file that comes in chunks; one call where it comes in one. */
export class ContentHasher {
  readonly #size: number;
  #hash: Hash | undefined;
  #digest: Digest = ofNothing;

  /** @param size bytes that will come */
  constructor(size: number) {
    this.#size = size;
  }

  update(chunk: Uint8Array): void {
    if (chunk.length === this.#size) {
      this.#digest = `sha256:${hash('sha256', chunk, 'hex')}` as Digest;
      return;
    }
    this.#hash ??= createHash('sha256');
    this.#hash.update(chunk);
  }

  digest(): Digest {
    return this.#hash ? (`sha256:${this.#hash.digest('hex')}` as Digest) : this.#digest;
  }
}
