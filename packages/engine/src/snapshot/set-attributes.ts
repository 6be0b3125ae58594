import { chmodSync, fchmodSync, fchownSync, futimesSync, lchownSync, lutimesSync } from 'node:fs';
import type { LayerEntry } from '@onebuild/oci';
import type { NativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';
import type { KeepXattr } from './keep-xattr.ts';

/** What a path has besides its name and content. */
export type Attributes = Pick<LayerEntry, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>;

export interface AttributeOptions {
  readonly posix: Posix;
  readonly keepXattr: KeepXattr;
}

/*
 * Owners are set before modes (chown clears setuid), modes before extended attributes (chown clears capabilities, too),
 * times last.
 */

/** For anything but a symlink. */
export function setAttributes(at: NativePath, attributes: Attributes, options: AttributeOptions): void {
  lchownSync(at, attributes.uid, attributes.gid);
  chmodSync(at, attributes.mode);
  setXattrs(at, attributes, options);
  setTime(at, attributes);
}

/** For a file that is open as `fd`. */
export function setFileAttributes(
  at: NativePath,
  attributes: Attributes,
  { fd, ...options }: AttributeOptions & { readonly fd: number },
): void {
  fchownSync(fd, attributes.uid, attributes.gid);
  fchmodSync(fd, attributes.mode);
  setXattrs(at, attributes, options);
  futimesSync(fd, unixTime(attributes.mtime), unixTime(attributes.mtime));
}

/** Linux has no modes of symlinks. */
export function setLinkAttributes(at: NativePath, attributes: Attributes, options: AttributeOptions): void {
  lchownSync(at, attributes.uid, attributes.gid);
  setXattrs(at, attributes, options);
  setTime(at, attributes);
}

function setXattrs(at: NativePath, { xattrs }: Attributes, { posix, keepXattr }: AttributeOptions): void {
  if (xattrs === undefined) return;
  for (const [name, value] of Object.entries(xattrs)) {
    if (keepXattr(name)) posix.setXattr(at, name, Buffer.from(value, 'base64'));
  }
}

function setTime(at: NativePath, { mtime }: Attributes): void {
  lutimesSync(at, unixTime(mtime), unixTime(mtime));
}

/** Node takes negative times for now. */
function unixTime(mtime: number): number {
  return Math.max(0, mtime);
}
