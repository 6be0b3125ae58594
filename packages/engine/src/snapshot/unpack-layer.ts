import { closeSync } from 'node:fs';
import { fault } from '@onebuild/core';
import {
  createLayerIndexer,
  createTarParser,
  decodeWhiteout,
  type LayerIndex,
  type TarEntry,
  type TarHandlers,
} from '@onebuild/oci';
import { loadPosix } from '../posix/posix.ts';
import { writeAll } from './copy-file.ts';
import { type KeepXattr, keepCapabilities, withoutOverlayOwn } from './keep-xattr.ts';
import { layerFault } from './layer-fault.ts';
import { LayerFolder } from './layer-folder.ts';

export interface UnpackOptions {
  readonly signal?: AbortSignal;
  readonly keepXattr?: KeepXattr;
  /** In a user namespace: owners must be mapped, devices are left out. */
  readonly rootless: boolean;
  /** Seconds for a path, in place of what the archive says; undefined: as there. */
  readonly mtimeOf?: (path: string) => number | undefined;
  /** Bytes of the archive as they come. */
  readonly onBytes?: (bytes: number) => void;
}

/**
 * Unpacks an uncompressed layer archive into the empty folder `dir`, in overlayfs form, and indexes it in the same pass.
 * See {@link LayerFolder} for what hostile archives can (not) do. When it fails, `dir` is left half done, for
 * `removeTree`.
 * @throws TAR_INVALID, DISK_FULL, FILE_ACCESS, ROOTLESS_UNAVAILABLE, TOOL_MISSING, CANCELED
 */
export async function unpackLayer(
  source: AsyncIterable<Uint8Array>,
  dir: string,
  options: UnpackOptions,
): Promise<LayerIndex> {
  const posix = await loadPosix();
  const { rootless, signal, mtimeOf, onBytes } = options;
  const timed = (entry: TarEntry): TarEntry => {
    const mtime = mtimeOf?.(decodeWhiteout(entry.path)?.path ?? entry.path);
    return mtime === undefined ? entry : { ...entry, mtime };
  };
  const keepXattr = withoutOverlayOwn(options.keepXattr ?? keepCapabilities);
  const folder = new LayerFolder(dir, posix, { rootless, keepXattr });
  const writer = createWriter(folder, { rootless });
  const indexer = createLayerIndexer({ keepXattr });
  const parser = createTarParser({
    entry(told) {
      const entry = timed(told);
      indexer.entry(entry);
      writer.entry(entry);
    },
    data(chunk) {
      indexer.data(chunk);
      writer.data(chunk);
    },
    end() {
      indexer.end();
      writer.end();
    },
  });
  try {
    for await (const chunk of source) {
      if (signal?.aborted) throw fault('CANCELED', 'unpacking was canceled');
      parser.write(chunk);
      onBytes?.(chunk.length);
    }
    parser.end();
    const index = indexer.finish();
    folder.finish();
    return index;
  } finally {
    writer.close();
  }
}

/** Book-keeping at the root of old layers. */
const aufsOwn = /^\.wh\.\.wh\.(?!\.opq$)/;

/** Puts members into the folder as they come. `close` ends an unfinished one. */
function createWriter(
  folder: LayerFolder,
  options: { readonly rootless: boolean },
): TarHandlers & { close(): void } {
  let open: { readonly fd: number; readonly entry: TarEntry } | undefined;
  return {
    entry(entry) {
      if (aufsOwn.test(entry.path)) return;
      const whiteout = decodeWhiteout(entry.path);
      if (whiteout?.type === 'whiteout') folder.makeWhiteout(whiteout.path);
      else if (whiteout) folder.makeOpaque(whiteout.path);
      else if (entry.type === 'file') open = { fd: folder.openFile(entry.path), entry };
      else if (entry.type === 'dir') folder.makeFolder(entry.path, entry);
      else if (entry.type === 'symlink') folder.makeSymlink(entry.path, entry.link ?? '', entry);
      else if (entry.type === 'hardlink') folder.makeHardlink(entry.path, entry.link ?? '');
      else folder.makeDevice(entry.path, entry.type, entry);
    },
    data(chunk) {
      if (!open) return;
      try {
        writeAll(open.fd, chunk);
      } catch (error) {
        throw layerFault(error, open.entry.path, options);
      }
    },
    end() {
      const done = open;
      open = undefined;
      if (done) folder.closeFile(done.entry.path, done.fd, done.entry);
    },
    close() {
      if (open) closeSync(open.fd);
    },
  };
}
