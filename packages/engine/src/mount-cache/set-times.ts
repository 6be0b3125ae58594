import { loadLibc } from '../posix/load-libc.ts';
import { type NativePath } from '../posix/native-path.ts';
import type { MountEntry } from './mount-listing.ts';

/** Node's own calls round to microseconds, which makes files younger or older than others that were made of them. */
export interface SetTimes {
  /** Sets both times of an open file. */
  ofFile(fd: number, time: Pick<MountEntry, 'seconds' | 'nanoseconds'>): void;
  /** Of a path; a link itself, not what it points at. */
  ofPath(path: NativePath, time: Pick<MountEntry, 'seconds' | 'nanoseconds'>): void;
}

/** fcntl(2): AT_FDCWD, AT_SYMLINK_NOFOLLOW of Linux. */
const [workingFolder, notFollowed] = [-100, 0x100];

let loaded: Promise<SetTimes> | undefined;

/** @throws TOOL_MISSING */
export function loadSetTimes(): Promise<SetTimes> {
  loaded ??= bindSetTimes();
  return loaded;
}

async function bindSetTimes(): Promise<SetTimes> {
  const libc = await loadLibc();
  const futimens = libc.bind<[number, Uint8Array]>('int futimens(int fd, const void *times)');
  const utimensat = libc.bind<[number, Uint8Array | string, Uint8Array, number]>(
    'int utimensat(int folder, const char *path, const void *times, int flags)',
  );
  /** struct timespec[2]: of the last access, of the last change. */
  const times = new BigInt64Array(4);
  const bytes = new Uint8Array(times.buffer);
  const prepare = ({ seconds, nanoseconds }: Pick<MountEntry, 'seconds' | 'nanoseconds'>): void => {
    times[0] = times[2] = BigInt(seconds);
    times[1] = times[3] = BigInt(nanoseconds);
  };
  return {
    ofFile(fd, time) {
      prepare(time);
      if (futimens(fd, bytes) !== 0) throw libc.lastError('futimens');
    },
    ofPath(path, time) {
      prepare(time);
      const native = typeof path === 'string' ? path : Buffer.concat([path, Buffer.alloc(1)]);
      if (utimensat(workingFolder, native, bytes, notFollowed) !== 0) throw libc.lastError('utimensat', path);
    },
  };
}
