import { getSystemErrorName } from 'node:util';
import { fault } from '@onebuild/core';
import type { LibraryHandle } from 'koffi';

/** The C library of this process, and how its last call failed. */
export interface Libc {
  /** Binds a function by its C prototype, as koffi reads it. */
  bind<Arguments extends readonly unknown[]>(prototype: string): (...args: Arguments) => number;
  /** Makes a struct known by `name`, for prototypes; once per name. Fields have C types. */
  declareStruct(name: string, fields: Readonly<Record<string, string>>): void;
  /** The error of the last call that returned -1, in the form of Node's own: `code` is `EPERM`, ... */
  lastError(syscall: string, path?: string | Uint8Array): NodeJS.ErrnoException;
  /** `errno` of the last call that returned -1. */
  errno(): number;
}

let loaded: Promise<Libc> | undefined;

/**
 * Loads koffi's native module, once (some milliseconds).
 * @throws TOOL_MISSING where there is none for this machine
 */
export function loadLibc(): Promise<Libc> {
  loaded ??= open();
  return loaded;
}

async function open(): Promise<Libc> {
  if (process.platform !== 'linux') throw fault('TOOL_MISSING', 'unpacking and running steps needs Linux');
  try {
    const { default: koffi } = await import('koffi');
    const library = openLibrary(koffi.load);
    return {
      bind: (prototype) => library.func(prototype) as (...args: readonly unknown[]) => number,
      declareStruct: (name, fields) => void koffi.struct(name, fields),
      errno: () => koffi.errno(),
      lastError: (syscall, path) => errnoError(koffi.errno(), syscall, path),
    };
  } catch (error) {
    throw fault('TOOL_MISSING', 'the native module `koffi` cannot be loaded', {
      hint: 'Install OneBuild again on this machine, so that npm picks the module of its architecture and C library.',
      cause: error,
    });
  }
}

/** glibc by its name; musl is in the process already. */
function openLibrary(load: (path: string | null) => LibraryHandle): LibraryHandle {
  try {
    return load('libc.so.6');
  } catch {
    return load(null);
  }
}

function errnoError(errno: number, syscall: string, path?: string | Uint8Array): NodeJS.ErrnoException {
  const code = getSystemErrorName(-errno);
  const name = path === undefined ? undefined : Buffer.from(path).toString('utf8');
  const error: NodeJS.ErrnoException = new Error(`${code}: ${syscall}${name ? ` '${name}'` : ''}`);
  return Object.assign(error, { code, errno: -errno, syscall, ...(name !== undefined && { path: name }) });
}
