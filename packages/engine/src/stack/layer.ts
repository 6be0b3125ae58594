import type { Digest } from '@onebuild/core';
import type { Descriptor, LayerIndex } from '@onebuild/oci';
import type { Repository } from '@onebuild/registry/client';
import type { FileTree } from '../tree/file-tree.ts';
import type { TreeLayer } from '../tree/merged-tree.ts';

/** A layer that came with a base image, as a blob somewhere else. */
export interface BaseBlob {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  /** Where it can be mounted from, for images of a registry. */
  readonly repository?: Repository;
  /** Streams the compressed bytes, verified at their end. */
  open(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

/** A listed layer: its tree side and its listing. */
export interface LoadedLayer extends TreeLayer {
  readonly index: LayerIndex;
}

/** One layer of a file system. Nothing of it is read before somebody asks. */
export interface Layer {
  /** The diff id of a base's layer, the digest of the listing of one that was made here. */
  readonly id: Digest;
  /** Set for layers of a base. */
  readonly base?: BaseBlob;
  /** Of a layer that was made here: what the same operation made before, the latest first. Its blobs and folders may have much in common. */
  readonly earlier?: readonly Digest[];
  /** Of a base's layer: name of the cache that its listing was taken from, as long as nobody compared it with the blob. */
  readonly toldBy?: () => string | undefined;
  /** Its listing; of a base's layer this reads the blob when nobody did before. */
  load(): Promise<LoadedLayer>;
  /** Absolute path of the unpacked folder in overlayfs form. */
  directory(): Promise<string>;
  /**
   * Folders, bottom first, that together show over `below` what `directory` would: most of it made earlier, for a layer that hardly differs.
   * What only `stat` tells of folders (size, count of links) may differ. undefined where they would not save much.
   */
  parts?(below: () => Promise<FileTree>): Promise<readonly string[] | undefined>;
}

/** A file system: layers, bottom first. */
export interface Snapshot {
  readonly layers: readonly Layer[];
}

export const emptySnapshot: Snapshot = Object.freeze({ layers: Object.freeze([]) });
