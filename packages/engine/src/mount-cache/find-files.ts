import { type BigIntStats, closeSync, constants, lstatSync, readlinkSync } from 'node:fs';
import { toFault } from '@onebuild/core';
import { decodePath, sortByPath } from '@onebuild/oci';
import { nativePath } from '../posix/native-path.ts';
import { descriptorPath, openInside, trueName } from '../posix/open-inside.ts';
import { listNames } from '../snapshot/read-entry.ts';
import { createYielder } from '../snapshot/yield-now-and-then.ts';
import { joinPath } from '../tree/path.ts';
import { type MountEntry, mountLimits } from './mount-listing.ts';

/** A path of a folder, as it is on the disk. */
export interface FoundPath {
  readonly path: string;
  readonly stat: BigIntStats;
  /** What a listing says of it, without its chunks. */
  readonly entry: MountEntry;
}

/**
 * All of a folder that a snapshot can hold, in the order of a listing. Commands may write into it meanwhile: nothing is looked for outside of
 * it, whatever links they put in the place of folders; what goes away is left out. `skip`: names and targets of links that stay outside,
 * with all that is below.
 */
export async function findFiles(
  folder: string,
  options: {
    readonly skip: (path: string, text: string) => boolean;
    readonly signal: AbortSignal;
  },
): Promise<readonly FoundPath[]> {
  const top = trueName(folder);
  const found: FoundPath[] = [];
  const open = [''];
  const paused = createYielder(options.signal);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    await paused();
    const path = at;
    ifThere(() => {
      const descriptor = openInside(joinPath(top, path), constants.O_RDONLY | constants.O_DIRECTORY);
      try {
        const here = descriptorPath(descriptor);
        if (path === '') take(found, { path, at: `${here}/.` });
        for (const name of listNames(here)) {
          const child = joinPath(path, name);
          if (Buffer.byteLength(child) > mountLimits.path || options.skip(child, name)) continue;
          const one = ifThere(() => take(found, { path: child, at: `${here}/${name}` }, options.skip));
          if (one?.entry.type === 'dir') open.push(child);
        }
      } finally {
        closeSync(descriptor);
      }
    });
  }
  return nameHardLinks(sortByPath(found));
}

function take(
  found: FoundPath[],
  { path, at }: { readonly path: string; readonly at: string },
  skip?: (path: string, text: string) => boolean,
): FoundPath | undefined {
  const native = nativePath(at);
  const stat = lstatSync(native, { bigint: true });
  const type = typeOf(stat);
  if (type === undefined) return undefined;
  const link = type === 'symlink' ? decodePath(readlinkSync(native, 'buffer')) : undefined;
  if (link !== undefined && skip?.(path, link)) return undefined;
  const seconds = Number(stat.mtimeNs / billion) - (stat.mtimeNs % billion < 0n ? 1 : 0);
  const one: FoundPath = {
    path,
    stat,
    entry: {
      path,
      type,
      mode: type === 'symlink' ? 0o777 : Number(stat.mode) & 0o7777,
      uid: Number(stat.uid),
      gid: Number(stat.gid),
      seconds,
      nanoseconds: Number(stat.mtimeNs - BigInt(seconds) * billion),
      ...(link !== undefined && { link }),
    },
  };
  found.push(one);
  return one;
}

const noPath = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG']);
const billion = 1_000_000_000n;

function typeOf(stat: BigIntStats): 'file' | 'dir' | 'symlink' | undefined {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  return stat.isSymbolicLink() ? 'symlink' : undefined;
}

/** Of a file's names the first is the file. */
function nameHardLinks(found: FoundPath[]): readonly FoundPath[] {
  const first = new Map<string, string>();
  return found.map((one) => {
    if (one.entry.type !== 'file' || one.stat.nlink === 1n) return one;
    const inode = `${one.stat.dev}:${one.stat.ino}`;
    const link = first.get(inode);
    if (link === undefined) first.set(inode, one.path);
    return link === undefined ? one : { ...one, entry: { ...one.entry, type: 'hardlink', link } };
  });
}

/** What `work` gives; undefined where the path went away, leads elsewhere by now, or is too long. */
export function ifThere<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    if (typeof code === 'string' && noPath.has(code)) return undefined;
    throw toFault(error);
  }
}
