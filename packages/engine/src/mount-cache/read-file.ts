import { closeSync, constants, fstatSync, readSync } from 'node:fs';
import { openInside } from '../posix/open-inside.ts';
import { cutContent, chunkSizes } from './cut-content.ts';
import { type FileState, fileState, isUntouched } from './disk-state.ts';
import { type FoundPath, ifThere } from './find-files.ts';
import { mountLimits } from './mount-listing.ts';
import { chunkDigest } from './pack-writer.ts';
import type { SecretSearch } from './search-secrets.ts';

/** Where contents go. */
export interface ChunkSink {
  has(digest: string): boolean;
  add(digest: string, raw: Uint8Array): Promise<void>;
}

export type ReadFile =
  | { readonly how: 'read'; readonly chunks: readonly string[]; readonly state: FileState }
  /** `changed`: while it was read; `gone`: before. */
  | { readonly how: 'secret' | 'changed' | 'gone' };

export interface ReadOptions {
  /** The folder, as the kernel names it. */
  readonly top: string;
  readonly sink: ChunkSink;
  readonly search: SecretSearch;
  /** Lets other work run, in the middle of large files. */
  readonly paused: () => Promise<void> | undefined;
}

/**
 * Cuts a file into chunks and gives the new ones to the sink: none before the whole file was searched for secrets, and none that is not what
 * was searched.
 */
export async function readFile({ path, stat }: FoundPath, options: ReadOptions): Promise<ReadFile> {
  const fd = ifThere(() => openQuietly(`${options.top}/${path}`));
  if (fd === undefined) return { how: 'gone' };
  try {
    const opened = fstatSync(fd, { bigint: true });
    if (!opened.isFile() || !isUntouched(fileState(stat), opened)) return { how: 'changed' };
    const size = Number(opened.size);
    const read =
      size <= mountLimits.chunk ? await readSmall(fd, size, options) : await readLarge(fd, size, options);
    if (read === 'secret') return { how: 'secret' };
    const after = fstatSync(fd, { bigint: true });
    if (read === 'changed' || !isUntouched(fileState(opened), after)) return { how: 'changed' };
    return { how: 'read', chunks: read, state: fileState(after) };
  } finally {
    closeSync(fd);
  }
}

/** Without a trace in the file's time of access, which says whether somebody needs it; only its owner may. */
export function openQuietly(path: string): number {
  try {
    return openInside(path, constants.O_RDONLY | constants.O_NOATIME);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'EPERM') throw error;
    return openInside(path);
  }
}

/** `length` bytes of a file, fewer where it ends before. */
export function readPart(fd: number, offset: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const held = fill(fd, bytes, { at: 0, position: offset });
  return bytes.subarray(0, held);
}

function fill(
  fd: number,
  bytes: Buffer,
  { at, position }: { readonly at: number; readonly position: number },
): number {
  let held = at;
  while (held < bytes.length) {
    const read = readSync(fd, bytes, held, bytes.length - held, position + held - at);
    if (read === 0) break;
    held += read;
  }
  return held;
}

type Read = readonly string[] | 'secret' | 'changed';

async function readSmall(fd: number, size: number, { sink, search }: ReadOptions): Promise<Read> {
  if (size === 0) return [];
  const bytes = readPart(fd, 0, size);
  if (bytes.length < size) return 'changed';
  if (search.inBytes(bytes)) return 'secret';
  const digest = chunkDigest(bytes);
  if (!sink.has(digest)) await sink.add(digest, bytes);
  return [digest];
}

interface Piece {
  readonly digest: string;
  readonly offset: number;
  readonly length: number;
}

async function readLarge(fd: number, size: number, options: ReadOptions): Promise<Read> {
  const { sink } = options;
  const pieces = await cutFile(fd, options);
  if (pieces === 'secret') return 'secret';
  const last = pieces.at(-1);
  if (last === undefined || last.offset + last.length !== size) return 'changed';
  for (const { digest, offset, length } of pieces) {
    if (sink.has(digest)) continue;
    const bytes = readPart(fd, offset, length);
    if (chunkDigest(bytes) !== digest) return 'changed';
    await sink.add(digest, bytes);
    await options.paused();
  }
  return pieces.map(({ digest }) => digest);
}

/** Bytes that are read at once. */
const windowSize = 4 << 20;

async function cutFile(fd: number, { search, paused }: ReadOptions): Promise<readonly Piece[] | 'secret'> {
  const pieces: Piece[] = [];
  const isSecret = search.inStream();
  const window = Buffer.allocUnsafe(windowSize);
  /** `base`: where in the file the window begins; `held`: how much of it is filled. */
  for (let [base, held] = [0, 0]; ; ) {
    await paused();
    const filled = fill(fd, window, { at: held, position: base + held });
    if (isSecret(window.subarray(held, filled))) return 'secret';
    const isEnd = filled < window.length;
    let at = 0;
    while (filled - at >= chunkSizes.most || (isEnd && at < filled)) {
      const end = cutContent(window, at, filled);
      pieces.push({ digest: chunkDigest(window.subarray(at, end)), offset: base + at, length: end - at });
      at = end;
    }
    if (isEnd) return pieces;
    window.copyWithin(0, at, filled);
    base += at;
    held = filled - at;
  }
}
