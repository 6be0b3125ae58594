import type { Digest } from '@onebuild/core';
import type { Descriptor } from '../descriptor.ts';
import type { ImageConfig, Manifest } from '../manifest.ts';
import type { Platform } from '../platform.ts';

export interface OpenOptions {
  readonly signal?: AbortSignal;
}

/** One layer of an image, wherever its bytes are. It never changes. */
export interface Layer {
  /** Digest of the uncompressed archive. */
  readonly diffId: Digest;
  /** Of the layer as stored; may cost compressing it. Every call gives the same. */
  descriptor(): Promise<Descriptor>;
  /** The bytes that the descriptor describes; may be called again. */
  open(options?: OpenOptions): AsyncIterable<Uint8Array>;
}

/**
 * One image of one platform: a value that never changes; an edit is another image that is worked out when it is asked for.
 * Every call gives the same; nothing is fetched or computed before it is needed.
 *
 * `createImage` makes one of layers and a config, `openImage` one of stored bytes; the laws are in `validate-image.ts`.
 */
export interface Image {
  readonly platform: Platform;
  /** Bottom first. */
  readonly layers: readonly Layer[];
  config(): Promise<ImageConfig>;
  manifest(): Promise<Manifest>;
  /** What the manifest's `config` describes. */
  configBytes(): Promise<Uint8Array>;
  /** What the image's digest is made of. */
  manifestBytes(): Promise<Uint8Array>;
}
