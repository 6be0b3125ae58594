import { packDevice } from './device-number.ts';
import { type Libc, loadLibc } from './load-libc.ts';
import type { NativePath } from './native-path.ts';

/**
 * Linux file calls that Node does not have. All are synchronous and none follows a symlink at the end of its path.
 * They throw errors in the form of Node's file functions.
 */
export interface Posix {
  setXattr(path: NativePath, name: string, value: Uint8Array): void;
  /** undefined where the attribute isn't set, or the file system has none. */
  getXattr(path: NativePath, name: string): Buffer | undefined;
  /** Names, in no order; empty where the file system has none. */
  listXattrs(path: NativePath): readonly string[];
  removeXattr(path: NativePath, name: string): void;
  /** mknod(2): `mode` with the type bits (`constants.S_IFCHR`, `S_IFBLK`, `S_IFIFO`). */
  makeNode(path: NativePath, mode: number, device?: readonly [major: number, minor: number]): void;
  /** A pipe as programs expect it at /dev/stdout (Node's own are sockets); both ends close on exec. */
  makePipe(): { readonly read: number; readonly write: number };
}

let loaded: Promise<Posix> | undefined;

/** @throws TOOL_MISSING */
export function loadPosix(): Promise<Posix> {
  loaded ??= loadLibc().then(bindPosix);
  return loaded;
}

/** xattr(7): the limits of names and values. */
const maxNames = 64 * 1024;
const maxValue = 64 * 1024;
const closeOnExec = 0o2000000;

function bindPosix(libc: Libc): Posix {
  type Path = NativePath | Uint8Array;
  const set = libc.bind<[Path, string, Uint8Array, number, number]>(
    'int lsetxattr(const char *path, const char *name, const void *value, size_t size, int flags)',
  );
  const get = libc.bind<[Path, string, Buffer, number]>(
    'intptr_t lgetxattr(const char *path, const char *name, void *value, size_t size)',
  );
  const list = libc.bind<[Path, Buffer, number]>(
    'intptr_t llistxattr(const char *path, void *list, size_t size)',
  );
  const remove = libc.bind<[Path, string]>('int lremovexattr(const char *path, const char *name)');
  const pipe = libc.bind<[Uint8Array, number]>('int pipe2(void *fds, int flags)');
  const makeNode = bindMknod(libc);
  const names = Buffer.alloc(maxNames);
  const value = Buffer.alloc(maxValue);

  /** ENODATA and EOPNOTSUPP are answers. */
  const isNone = () => libc.errno() === 61 || libc.errno() === 95;

  /**
   * What a call gives, undefined where there is none. Whatever runs on this thread between a call and our look at errno (a collection of
   * garbage, a compilation) may overwrite it, so another failure counts when it comes again.
   */
  const ask = (call: () => number, name: string, path: NativePath): number | undefined => {
    for (let tries = 1; ; tries++) {
      const result = call();
      if (result >= 0) return result;
      if (isNone()) return undefined;
      if (tries === 3) throw libc.lastError(name, path);
    }
  };

  return {
    setXattr(path, name, bytes) {
      if (set(terminated(path), name, bytes, bytes.length, 0) !== 0) throw libc.lastError('lsetxattr', path);
    },
    getXattr(path, name) {
      const length = ask(() => get(terminated(path), name, value, maxValue), 'lgetxattr', path);
      return length === undefined ? undefined : Buffer.from(value.subarray(0, length));
    },
    listXattrs(path) {
      const length = ask(() => list(terminated(path), names, maxNames), 'llistxattr', path) ?? 0;
      return length > 0 ? names.toString('utf8', 0, length - 1).split('\0') : [];
    },
    removeXattr(path, name) {
      ask(() => remove(terminated(path), name), 'lremovexattr', path);
    },
    makeNode(path, mode, device = [0, 0]) {
      if (makeNode(terminated(path), mode, packDevice(...device)) !== 0) throw libc.lastError('mknod', path);
    },
    makePipe() {
      const fds = new Int32Array(2);
      if (pipe(new Uint8Array(fds.buffer), closeOnExec) !== 0) throw libc.lastError('pipe2');
      return { read: fds[0] as number, write: fds[1] as number };
    },
  };
}

/** Bytes go to C as they are, so they bring their own end. */
function terminated(path: NativePath): NativePath {
  return typeof path === 'string' ? path : Buffer.concat([path, Buffer.alloc(1)]);
}

/** mknod is no symbol of glibc before 2.33; the system call's number is the same on all newer architectures. */
function bindMknod(libc: Libc): (path: NativePath, mode: number, device: number) => number {
  try {
    return libc.bind('int mknod(const char *path, uint32_t mode, uint64_t dev)');
  } catch {
    const mknodat = process.arch === 'x64' ? 259 : 33;
    const atWorkingFolder = -100;
    const syscall = libc.bind<[number, number, NativePath, number, number]>(
      'long syscall(long number, long folder, const char *path, long mode, long dev)',
    );
    return (path, mode, device) => syscall(mknodat, atWorkingFolder, path, mode, device);
  }
}
