import { type Libc, loadLibc } from '../../posix/load-libc.ts';

/** System calls of a runtime. Each throws with the name of its error. */
export interface Kernel {
  mount(source: string, target: string, options: MountOptions): void;
  /** The root of this namespace becomes the working folder; the old one is gone. */
  switchRoot(): void;
  setHostname(name: string): void;
  limitOpenFiles(soft: number, hard: number): void;
  dropFromBoundingSet(capability: number): void;
  /** From now on, for this thread and what it becomes: `SECCOMP_MODE_FILTER` of prctl(2). */
  filterCalls(program: Uint8Array): void;
  /** Brings the loopback interface up. */
  startLoopback(): void;
  /** Without anything that Node does at its end. */
  exit(code: number): never;
  /** Becomes another program. Comes back only when that can't be. */
  execute(file: string, args: readonly string[], env: readonly string[]): never;
}

export interface MountOptions {
  readonly type: string;
  /** MS_ flags of mount(2). */
  readonly flags: number;
  readonly data: string;
}

export async function loadKernel(): Promise<Kernel> {
  const libc = await loadLibc();
  const check = (result: number, call: string) => {
    if (result !== 0) throw libc.lastError(call);
  };
  const mount = libc.bind<[string, string, string, number, string]>(
    'int mount(const char *source, const char *target, const char *type, unsigned long flags, const char *data)',
  );
  const unmount = libc.bind<[string, number]>('int umount2(const char *target, int flags)');
  const pivotRoot = libc.bind<[string, string]>('int pivot_root(const char *new_root, const char *put_old)');
  const setHostname = libc.bind<[string, number]>('int sethostname(const char *name, size_t length)');
  const setLimit = libc.bind<[number, Uint8Array]>('int setrlimit(int resource, const void *limit)');
  const control = libc.bind<[number, number, number, number, number]>(
    'int prctl(int option, unsigned long a, unsigned long b, unsigned long c, unsigned long d)',
  );
  libc.declareStruct('sock_fprog', { length: 'unsigned short', steps: 'const void *' });
  const setFilter = libc.bind<[number, number, FilterProgram]>(
    'int prctl(int option, unsigned long mode, const sock_fprog *program)',
  );
  const setFlags = libc.bind<[number, number, number]>('int fcntl(int fd, int command, int value)');
  const execve = libc.bind<[string, (string | null)[], (string | null)[]]>(
    'int execve(const char *path, const char **args, const char **env)',
  );
  const exit = libc.bind<[number]>('void _exit(int status)');
  const setSignal = libc.bind<[number, number]>('intptr_t signal(int number, intptr_t handler)');
  return {
    mount(source, target, { type, flags, data }) {
      if (mount(source, target, type, flags, data) !== 0) throw libc.lastError(`mount ${type}`, target);
    },
    switchRoot() {
      check(pivotRoot('.', '.'), 'pivot_root');
      check(unmount('.', detach), 'umount2');
      process.chdir('/');
    },
    setHostname: (name) => check(setHostname(name, Buffer.byteLength(name)), 'sethostname'),
    limitOpenFiles(soft, hard) {
      const limit = new BigUint64Array([BigInt(soft), BigInt(hard)]);
      check(setLimit(openFiles, new Uint8Array(limit.buffer)), 'setrlimit');
    },
    dropFromBoundingSet: (capability) => check(control(capBsetDrop, capability, 0, 0, 0), 'prctl'),
    filterCalls(program) {
      const length = program.length / filterStep;
      check(setFilter(setSeccomp, filterMode, { length, steps: program }), 'prctl');
    },
    startLoopback: () => startLoopback(libc, check),
    exit(code) {
      exit(code);
      throw new Error('exit came back');
    },
    execute(file, args, env) {
      // What Node ignores, the program would ignore, too; and Node marks its streams to end with it.
      for (const number of ignoredByNode) setSignal(number, 0);
      for (const stream of [0, 1, 2]) check(setFlags(stream, setDescriptorFlags, 0), 'fcntl');
      execve(file, [...args, null], [...env, null]);
      throw libc.lastError('exec process', file);
    },
  };
}

/** `struct sock_fprog` */
interface FilterProgram {
  readonly length: number;
  readonly steps: Uint8Array;
}

const setSeccomp = 22;
const filterMode = 2;
/** Bytes of `struct sock_filter`. */
const filterStep = 8;
const detach = 2;
const openFiles = 7;
const capBsetDrop = 24;
/** SIGPIPE and SIGXFSZ */
const ignoredByNode = [13, 25];
const setDescriptorFlags = 2;

/** netdevice(7): SIOCSIFFLAGS with IFF_UP. */
function startLoopback(libc: Libc, check: (result: number, call: string) => void): void {
  const openSocket = libc.bind<[number, number, number]>('int socket(int family, int type, int protocol)');
  const ioctl = libc.bind<[number, number, Uint8Array]>(
    'int ioctl(int fd, unsigned long request, void *data)',
  );
  const socket = openSocket(2, 2 | 0o2000000, 0);
  if (socket < 0) throw libc.lastError('socket');
  const request = Buffer.alloc(40);
  request.write('lo');
  request.writeUInt16LE(1, 16);
  check(ioctl(socket, 0x8914, request), 'ioctl');
}
