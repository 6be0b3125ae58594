/** Remembers the SHA-256 of files between builds, as one text for each folder: a look-up per file takes longer than `lstat`. */
export interface FileHashCache {
  /** What `set` was given for the folder, an absolute path. */
  get(folder: string): string | undefined;
  set(folder: string, hashes: string): void;
}
