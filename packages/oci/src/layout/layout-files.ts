/** Files of a layout as they are read: a folder, a tar archive, memory. Paths are relative, with slashes. */
export interface LayoutFiles {
  /** A small file, whole, at most `limit` bytes; `undefined` where it is not there. */
  read(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** A file of any size. */
  open(path: string): AsyncIterable<Uint8Array>;
}

/** One file of a layout to write. */
export interface LayoutFile {
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  open(): AsyncIterable<Uint8Array>;
}
