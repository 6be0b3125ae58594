import type { Descriptor } from '@onebuild/oci';

/** Where an image's parts are read from. */
export interface ImageSource {
  /** As the user named it. */
  readonly name: string;
  /** What the name points at. */
  top(): Promise<{ readonly descriptor: Descriptor; readonly bytes: Uint8Array }>;
  /** A manifest, index or config; verified. */
  read(descriptor: Descriptor): Promise<Uint8Array>;
  /** A layer's bytes; verified at their end. */
  open(descriptor: Descriptor): AsyncIterable<Uint8Array>;
  close(): void;
}
