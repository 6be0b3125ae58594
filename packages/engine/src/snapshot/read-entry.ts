import { readdirSync, readlinkSync, type Stats } from 'node:fs';
import { decodePath, type LayerEntry } from '@onebuild/oci';
import { unpackDevice } from '../posix/device-number.ts';
import { type NativePath, nativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';
import { type KeepXattr, readXattrs } from './keep-xattr.ts';

/** What `lstat` and its like say of a path, without the digest; undefined for sockets, which no layer can hold. */
export function readEntry(
  posix: Posix,
  stat: Stats,
  options: { readonly path: string; readonly at: NativePath; readonly keepXattr: KeepXattr },
): (LayerEntry & { readonly type: PlainType }) | undefined {
  const type = typeOf(stat);
  if (type === undefined) return undefined;
  const { path, at, keepXattr } = options;
  const xattrs = readXattrs(posix, at, keepXattr);
  return {
    path,
    type,
    mode: type === 'symlink' ? 0o777 : stat.mode & 0o7777,
    uid: stat.uid,
    gid: stat.gid,
    size: type === 'file' ? stat.size : 0,
    mtime: Math.floor(stat.mtimeMs / 1000),
    ...(type === 'symlink' && { link: decodePath(readlinkSync(at, 'buffer')) }),
    ...((type === 'char' || type === 'block') && { device: unpackDevice(stat.rdev) }),
    ...(xattrs && { xattrs }),
  };
}

export type PlainType = 'file' | 'dir' | 'symlink' | 'char' | 'block' | 'fifo';

function typeOf(stat: Stats): PlainType | undefined {
  if (stat.isFile()) return 'file';
  if (stat.isDirectory()) return 'dir';
  if (stat.isSymbolicLink()) return 'symlink';
  if (stat.isCharacterDevice()) return 'char';
  if (stat.isBlockDevice()) return 'block';
  return stat.isFIFO() ? 'fifo' : undefined;
}

/** Names in a folder, in no order, in the form of `decodePath`. */
export function listNames(folder: string): readonly string[] {
  const at = nativePath(folder);
  const names = readdirSync(at, 'utf8');
  if (!names.some((name) => name.includes('\ufffd'))) return names;
  return readdirSync(at, 'buffer').map(decodePath);
}
