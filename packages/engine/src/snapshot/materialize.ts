import { closeSync } from 'node:fs';
import { fault, isFault } from '@onebuild/core';
import type { LayerEntry, LayerIndex } from '@onebuild/oci';
import { loadPosix } from '../posix/posix.ts';
import type { FileContent } from '../tree/file-tree.ts';
import { copyTrusted, copyVerified, writeBytes } from './copy-file.ts';
import { withoutOverlayOwn } from './keep-xattr.ts';
import { layerFault } from './layer-fault.ts';
import { LayerFolder } from './layer-folder.ts';
import { createYielder } from './yield-now-and-then.ts';

export interface MaterializeOptions {
  readonly rootless: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Makes the files that `index` tells of in the empty folder `dir`, in overlayfs form: a layer that was put together from
 * elsewhere (COPY), for steps that run on top of it. All extended attributes of the index are set but overlayfs' own.
 * When it fails, `dir` is left half done, for `removeTree`.
 * @throws CONTEXT_CHANGED, CONTEXT_READ, TAR_INVALID, DISK_FULL, FILE_ACCESS, ROOTLESS_UNAVAILABLE, CANCELED
 */
export async function materialize(
  index: LayerIndex,
  contentOf: (entry: LayerEntry) => FileContent,
  { dir, signal, rootless }: MaterializeOptions & { readonly dir: string },
): Promise<void> {
  const keepXattr = withoutOverlayOwn(() => true);
  const folder = new LayerFolder(dir, await loadPosix(), { rootless, keepXattr });
  const now = createYielder(signal);
  try {
    for (const entry of index.entries) {
      const pause = now();
      if (pause) await pause;
      if (entry.type === 'file') {
        const copying = putFile(folder, entry, { content: contentOf(entry), ...(signal && { signal }) });
        if (copying) await copying;
      } else if (entry.type !== 'hardlink') {
        putOther(folder, entry);
      }
    }
    for (const entry of index.entries) {
      if (entry.type === 'hardlink') folder.makeHardlink(entry.path, entry.link ?? '');
    }
    folder.finish();
  } catch (error) {
    if (signal?.aborted && !isFault(error)) throw fault('CANCELED', 'copying files was canceled');
    throw layerFault(error, dir, { rootless });
  }
}

function putOther(folder: LayerFolder, entry: LayerEntry): void {
  const { path, type } = entry;
  if (type === 'dir') folder.makeFolder(path, entry);
  else if (type === 'opaque') folder.makeOpaque(path);
  else if (type === 'whiteout') folder.makeWhiteout(path);
  else if (type === 'symlink') folder.makeSymlink(path, entry.link ?? '', entry);
  else if (type === 'char' || type === 'block' || type === 'fifo') folder.makeDevice(path, type, entry);
}

function putFile(
  folder: LayerFolder,
  entry: LayerEntry,
  { content, signal }: { readonly content: FileContent; readonly signal?: AbortSignal },
): Promise<void> | undefined {
  const { path } = entry;
  if (content.kind === 'layer') {
    folder.putFile(path, entry, (at) => copyTrusted(`${content.layer}/${content.path}`, at));
    return undefined;
  }
  const fd = folder.openFile(path);
  if (content.kind === 'host')
    return putHostFile(folder, entry, { fd, from: content.path, ...(signal && { signal }) });
  try {
    writeBytes(content.bytes, fd, entry);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  folder.closeFile(path, fd, entry);
  return undefined;
}

async function putHostFile(
  folder: LayerFolder,
  entry: LayerEntry,
  { fd, from, signal }: { readonly fd: number; readonly from: string; readonly signal?: AbortSignal },
): Promise<void> {
  try {
    await copyVerified(from, fd, { entry, ...(signal && { signal }) });
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  folder.closeFile(entry.path, fd, entry);
}
