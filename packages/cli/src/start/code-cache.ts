import { hash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Script } from 'node:vm';

export interface CodeCacheOptions {
  /** Names the file's content and the Node.js that compiled it. */
  readonly id: string;
  /** Each command has a cache of its own: it needs other functions than the rest. */
  readonly command: string;
  /** Absolute path of a folder of this user; undefined keeps nothing. */
  readonly folder: string | undefined;
}

/**
 * Loads a CommonJS file (ASCII) with the code that V8 compiled for it in an earlier process, and gives its exports.
 * `keep` writes what was compiled until now, where there was nothing yet. Node.js' own compile cache has only those
 * functions that the first command needed which loaded the file, and a later, longer command compiles its own again.
 */
export function loadWithCodeCache(
  file: string,
  { id, command, folder }: CodeCacheOptions,
): { readonly exports: unknown; keep(): void } {
  const cache = folder === undefined ? undefined : join(folder, `${command}-${id}`);
  const cachedData = cache === undefined ? undefined : readOwn(cache);
  const script = new Script(
    `(function(exports,require,module,__filename,__dirname){${readFileSync(file, 'latin1')}\n})`,
    {
      filename: file,
      ...(cachedData && { cachedData }),
    },
  );
  const module = { exports: {} as unknown };
  const run = script.runInThisContext() as (...parts: readonly unknown[]) => void;
  run(module.exports, createRequire(file), module, file, dirname(file));
  return {
    exports: module.exports,
    keep() {
      if (cache === undefined || folder === undefined) return;
      if (cachedData !== undefined && script.cachedDataRejected !== true) return;
      write(script.createCachedData(), { cache, folder, command });
    },
  };
}

/** Bytes in front of the code: SHA-256 of what follows. A multiple of eight, so that V8 can use the rest where it lies. */
const headSize = 32;

const digestOf = (code: Uint8Array): Buffer => hash('sha256', code, 'buffer');

/** The code in a file, where nobody but this user can have written it, and nothing damaged it: V8 runs it as it is. */
function readOwn(path: string): Uint8Array | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    const { uid, mode, size } = fstatSync(file);
    if (uid !== process.getuid?.() || (mode & 0o022) !== 0 || size <= headSize) return undefined;
    const bytes = readFileSync(file);
    const code = bytes.subarray(headSize);
    return digestOf(code).equals(bytes.subarray(0, headSize)) ? code : undefined;
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

/** Puts the file in place at once, and removes those of other versions. A cache that can't be written is none. */
function write(
  code: Uint8Array,
  place: { readonly cache: string; readonly folder: string; readonly command: string },
): void {
  const temp = `${place.cache}.${process.pid}`;
  try {
    mkdirSync(place.folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(place.folder)) {
      if (name.startsWith(`${place.command}-`)) rmSync(join(place.folder, name), { force: true });
    }
    writeFileSync(temp, Buffer.concat([digestOf(code), code]), { mode: 0o600, flag: 'wx' });
    renameSync(temp, place.cache);
  } catch {
    unlinkQuietly(temp);
  }
}

function unlinkQuietly(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // it is not there, nor is its folder
  }
}
