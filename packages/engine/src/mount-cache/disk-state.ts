import type { BigIntStats } from 'node:fs';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** What a file looked like on the disk when its content was known. */
export interface FileState {
  readonly size: bigint;
  /** Nanoseconds since the Unix epoch, as the others. */
  readonly mtime: bigint;
  readonly ctime: bigint;
  readonly inode: bigint;
  readonly atime: bigint;
}

/** A file that a snapshot has no room for. */
export interface LeftFile {
  readonly state: FileState;
  readonly used: number;
}

/** What is remembered of a folder besides its snapshot: spares reading what did not change. */
export interface DiskState {
  /** Digest of the listing that it belongs to. */
  readonly listing: string;
  /** Of the listing's files, in its order; undefined where the content may be another by now. */
  readonly files: readonly (FileState | undefined)[];
  /** By path. */
  readonly left: ReadonlyMap<string, LeftFile>;
}

/** Times of files stand still for so long on some systems: what changes twice in that time may look unchanged. Nanoseconds. */
export const slowestTick = 20_000_000n;

export function fileState(stat: BigIntStats): FileState {
  const { size, mtimeNs: mtime, ctimeNs: ctime, ino: inode, atimeNs: atime } = stat;
  return { size, mtime, ctime, inode, atime };
}

/** Whether a file is certain to have the content that it had in this state. */
export function isUntouched(state: FileState, stat: BigIntStats): boolean {
  const { size, mtime, ctime, inode } = state;
  return size === stat.size && mtime === stat.mtimeNs && ctime === stat.ctimeNs && inode === stat.ino;
}

/** Whether a change that comes after `now` (nanoseconds since the epoch) shows. */
export function isSettled({ ctime }: FileState, now: bigint): boolean {
  return ctime + slowestTick < now;
}

const columns = 5;

export function encodeDiskState({ listing, files, left }: DiskState): string {
  const leftFiles = [...left.values()];
  return JSON.stringify({
    v: 1,
    listing,
    files: encodeStates(files),
    paths: [...left.keys()],
    used: leftFiles.map(({ used }) => used),
    left: encodeStates(leftFiles.map(({ state }) => state)),
  });
}

/** undefined for a text that is none: then everything is read. */
export function decodeDiskState(text: string): DiskState | undefined {
  try {
    const { v, listing, files, paths, used, left } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    if (v !== 1 || typeof listing !== 'string' || typeof files !== 'string' || typeof left !== 'string')
      return undefined;
    const states = decodeStates(left);
    const days = used as readonly number[];
    const leftFiles = (paths as readonly string[]).flatMap((path, at) => {
      const [state, day] = [states[at], days[at]];
      return state === undefined || day === undefined ? [] : [[path, { state, used: day }] as const];
    });
    return { listing, files: decodeStates(files), left: new Map(leftFiles) };
  } catch {
    return undefined;
  }
}

function encodeStates(states: readonly (FileState | undefined)[]): string {
  const numbers = new BigInt64Array(states.length * columns);
  for (const [at, state] of states.entries()) {
    if (state === undefined) continue;
    const { size, mtime, ctime, inode, atime } = state;
    numbers.set([size, mtime, ctime, inode, atime], at * columns);
  }
  return zstdCompressSync(Buffer.from(numbers.buffer)).toString('base64');
}

/** No file has the inode 0. */
function decodeStates(text: string): readonly (FileState | undefined)[] {
  const bytes = zstdDecompressSync(Buffer.from(text, 'base64'));
  const numbers = new BigInt64Array(new Uint8Array(bytes).buffer);
  return Array.from({ length: numbers.length / columns }, (_, row) => {
    const [size = 0n, mtime = 0n, ctime = 0n, inode = 0n, atime = 0n] = numbers.subarray(
      row * columns,
      row * columns + columns,
    );
    return inode === 0n ? undefined : { size, mtime, ctime, inode, atime };
  });
}
