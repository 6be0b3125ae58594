import type { Digest } from '@onebuild/core';
import type { Descriptor, ImageConfig } from '@onebuild/oci';

/** What `inspect` knows of an image; `--format json` prints it as it is. */
export interface ImageReport {
  readonly name: string;
  /** Of what the name points at: an index or a manifest. */
  readonly digest: Digest;
  readonly mediaType: string;
  /** Of an index: its images. */
  readonly platforms?: readonly { readonly platform: string; readonly digest: Digest }[];
  readonly manifest: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly layers: readonly LayerReport[];
  /** Compressed bytes of all layers. */
  readonly size: number;
  readonly config: ImageConfig;
}

export interface LayerReport {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Compressed bytes. */
  readonly size: number;
  /** Of the uncompressed archive. */
  readonly diffId?: Digest;
  /** The step that made it, where the history tells. */
  readonly createdBy?: string;
}
