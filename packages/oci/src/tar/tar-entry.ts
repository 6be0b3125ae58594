import type { LayerEntry } from '../layer-index.ts';

/** One member of a tar archive (POSIX pax, ustar, GNU), extended headers applied. Whiteout names are not decoded here. */
export interface TarEntry extends Omit<LayerEntry, 'type' | 'digest'> {
  readonly type: 'file' | 'dir' | 'symlink' | 'hardlink' | 'char' | 'block' | 'fifo';
  /** The name as the archive has it, for messages; `path` is its clean form. */
  readonly name: string;
  readonly userName?: string;
  readonly groupName?: string;
}

/** Told in archive order: `entry`, then `data` zero or more times for files, then `end`. A chunk is valid during the call only. */
export interface TarHandlers {
  entry(entry: TarEntry): void;
  data(chunk: Uint8Array): void;
  end(): void;
}
