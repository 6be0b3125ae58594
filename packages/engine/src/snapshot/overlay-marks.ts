import { constants, type Stats } from 'node:fs';
import type { NativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';

/** How a folder tells overlayfs what it hides (kernel: Documentation/filesystems/overlayfs.rst, "whiteouts and opaque directories"). */
export interface OverlayMarks {
  makeWhiteout(path: NativePath): void;
  makeOpaque(folder: NativePath): void;
  isOpaque(folder: NativePath): boolean;
}

/** `rootless`: mounts in a user namespace read `user.overlay.*` (option `userxattr`), since `trusted.*` is root's alone. */
export function createOverlayMarks(posix: Posix, options: { readonly rootless: boolean }): OverlayMarks {
  const opaque = options.rootless ? 'user.overlay.opaque' : 'trusted.overlay.opaque';
  return {
    makeWhiteout: (path) => posix.makeNode(path, constants.S_IFCHR, [0, 0]),
    makeOpaque: (folder) => posix.setXattr(folder, opaque, Buffer.from('y')),
    isOpaque: (folder) => posix.getXattr(folder, opaque)?.toString('latin1') === 'y',
  };
}

/** What `lstat` says of a whiteout: character device 0:0, which anybody may make (Linux 5.8). */
export function isWhiteout(stat: Stats): boolean {
  return stat.isCharacterDevice() && stat.rdev === 0;
}
