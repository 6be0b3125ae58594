import type { Descriptor, ImageConfig, Platform, Reference } from '@onebuild/oci';
import type { FileTree } from '../tree/file-tree.ts';

/** A layer as an image's manifest names it; `open` streams its bytes (compressed) from wherever they are, verified. */
export interface ExportLayer {
  readonly descriptor: Descriptor;
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** One finished image of one platform. */
export interface ExportImage {
  readonly platform: Platform;
  readonly manifest: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly config: {
    readonly descriptor: Descriptor;
    readonly bytes: Uint8Array;
    readonly value: ImageConfig;
  };
  readonly layers: readonly ExportLayer[];
  /** All its files, merged; for outputs that write files. Costs reading the base. */
  tree(): Promise<FileTree>;
}

/** What a build leaves: images, the index over them when there are several, and the names they shall have. */
export interface ExportSet {
  readonly images: readonly ExportImage[];
  readonly index?: { readonly descriptor: Descriptor; readonly bytes: Uint8Array };
  readonly names: readonly Reference[];
}
