import { closeSync, mkdtempSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fault, withFact } from '@onebuild/core';
import { createTarParser, type TarEntry } from '@onebuild/oci';
import { decompressStream, detectFormat, magicSize, peek } from '../layer/decompress.ts';
import { loadPosix } from '../posix/posix.ts';
import { LayerFolder } from '../snapshot/layer-folder.ts';
import { parentPath, pathAndParents } from '../tree/path.ts';
import { openTar } from './open-tar.ts';

export interface TarContextOptions {
  /** Folder in which the context's own folder is made. */
  readonly temp: string;
  /** Where the bytes come from, for messages: `stdin`. */
  readonly name: string;
  readonly signal: AbortSignal;
}

/** A context that came as a stream. `path`: the folder it was unpacked to; or the text of a Dockerfile that came alone. */
export type TarContext =
  | { readonly path: string; readonly dockerfile?: undefined }
  | { readonly path: undefined; readonly dockerfile: string };

const longestDockerfile = 4 << 20;

/**
 * Reads a context: a tar archive (plain, gzip, zstd, bzip2, xz) is unpacked, anything else is a Dockerfile. Only folders,
 * files and links are unpacked, as the user's own; nothing is ever written outside.
 * @throws TAR_INVALID, CONTEXT_READ, TOOL_MISSING, DISK_FULL, FILE_ACCESS
 */
export async function openTarContext(
  stream: AsyncIterable<Uint8Array>,
  options: TarContextOptions,
): Promise<TarContext> {
  try {
    const [start, whole] = await peek(stream, magicSize);
    const format = detectFormat(start);
    const plain = format === 'none' ? whole : decompressStream(whole, format, { signal: options.signal });
    const [first, bytes] = await peek(plain, 512);
    const replay = async function* (): AsyncGenerator<Uint8Array> {
      yield first;
    };
    const opened = await openTar(replay, options.signal);
    if (opened.kind === 'tar' || format !== 'none') return { path: await unpackContext(bytes, options) };
    return { path: undefined, dockerfile: await readText(bytes) };
  } catch (error) {
    throw withFact(error, `the build context from ${options.name}`);
  }
}

async function readText(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > longestDockerfile) {
      throw fault(
        'CONTEXT_READ',
        `it is neither a tar archive nor a Dockerfile (more than ${longestDockerfile} bytes)`,
      );
    }
    parts.push(chunk);
  }
  return Buffer.concat(parts).toString('utf8');
}

async function unpackContext(tar: AsyncIterable<Uint8Array>, options: TarContextOptions): Promise<string> {
  const dir = mkdtempSync(join(options.temp, 'context-'));
  const folder = new LayerFolder(dir, await loadPosix(), { rootless: true, keepXattr: () => false });
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const { enter, leave } = createOwnFolders(folder, owner);
  enter('');
  let open: { readonly descriptor: number; readonly entry: TarEntry } | undefined;
  const parser = createTarParser({
    entry(entry) {
      const attributes = { ...owner, mode: entry.mode, mtime: entry.mtime };
      if (entry.path !== '') enter(parentPath(entry.path));
      if (entry.type === 'dir') enter(entry.path);
      else leave(entry.path);
      if (entry.type === 'file') open = { descriptor: folder.openFile(entry.path), entry };
      else if (entry.type === 'dir') folder.makeFolder(entry.path, attributes);
      else if (entry.type === 'symlink') folder.makeSymlink(entry.path, entry.link ?? '', attributes);
      else if (entry.type === 'hardlink') folder.makeHardlink(entry.path, entry.link ?? '');
    },
    data(chunk) {
      if (!open) return;
      for (let at = 0; at < chunk.length; ) at += writeSync(open.descriptor, chunk, at, chunk.length - at);
    },
    end() {
      const done = open;
      open = undefined;
      if (!done) return;
      const { path, mode, mtime } = done.entry;
      folder.closeFile(path, done.descriptor, { ...owner, mode, mtime });
    },
  });
  try {
    for await (const chunk of tar) {
      options.signal.throwIfAborted();
      parser.write(chunk);
    }
    parser.end();
    folder.finish();
    return dir;
  } finally {
    if (open) closeSync(open.descriptor);
  }
}

/** Folders that no member names would belong to root, which only root can make. */
function createOwnFolders(folder: LayerFolder, owner: { readonly uid: number; readonly gid: number }) {
  const made = new Set<string>();
  return {
    /** Makes the folder, and those above it, where there are none. */
    enter(path: string): void {
      if (made.has(path)) return;
      for (const at of ['', ...pathAndParents(path)]) {
        if (made.has(at)) continue;
        folder.makeFolder(at, { ...owner, mode: 0o755, mtime: 0 });
        made.add(at);
      }
    },
    /** Something else takes the place of what was at the path. */
    leave(path: string): void {
      if (!made.delete(path)) return;
      for (const at of made) if (at.startsWith(`${path}/`)) made.delete(at);
    },
  };
}
