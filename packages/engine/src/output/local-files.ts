import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { formatPlatform, type LayerEntry, type Platform } from '@onebuild/oci';
import type { OutputDestination } from '../build-options.ts';
import { layerTar } from '../layer/write-layer-tar.ts';
import { trueName } from '../posix/open-inside.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { destinationFault } from './destination-fault.ts';
import { createFilePlacer } from './place-file.ts';
import { type TreeLayer, treeLayer } from './tree-layer.ts';
import { writeDestination } from './write-destination.ts';

/** The files of one platform's result. */
export interface PlatformFiles {
  readonly platform: Platform;
  readonly tree: FileTree;
}

/** `linux_amd64`, `linux_arm_v7`: the folders that buildx makes when there are several platforms. */
export function platformFolder(platform: Platform): string {
  return formatPlatform(platform).replaceAll('/', '_');
}

/**
 * `type=local`: the files in folder `dest`, over what is there, one folder per platform when there are several. They
 * belong to the user who runs this and keep their modes and times, as with buildx; nothing is ever written through a
 * symlink below `dest`.
 * @returns paths that only root or no folder can have (devices, pipes, sockets) and that were left out
 * @throws FILE_ACCESS, DISK_FULL, CONTEXT_CHANGED
 */
export async function writeLocalFiles(
  results: readonly PlatformFiles[],
  options: { readonly dest: string; readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const skipped: string[] = [];
  try {
    for (const { platform, tree } of results) {
      const folder = results.length > 1 ? platformFolder(platform) : '';
      mkdirSync(options.dest, { recursive: true });
      const root = join(trueName(options.dest), folder);
      if (lstatSync(root, { throwIfNoEntry: false })?.isDirectory() === false) rmSync(root);
      mkdirSync(root, { recursive: true });
      skipped.push(...(await writeTree(await treeLayer(tree, options.signal), root, options.signal)));
    }
  } catch (error) {
    throw destinationFault(error, options.dest);
  }
  return skipped;
}

async function writeTree(layer: TreeLayer, root: string, signal: AbortSignal): Promise<readonly string[]> {
  const place = createFilePlacer(root);
  const skipped: string[] = [];
  let count = 0;
  try {
    for (const entry of layer.index.entries) {
      if (++count % 200 === 0) {
        await setImmediate();
        signal.throwIfAborted();
      }
      if (entry.type === 'dir') place.folder(entry);
      else if (entry.type === 'file') place.file(entry, layer.contentOf(entry));
      else if (entry.type === 'hardlink') place.hardlink(entry);
      else if (entry.type === 'symlink') place.symlink(entry);
      else skipped.push(entry.path);
    }
    place.finish();
  } finally {
    place.close();
  }
  return skipped;
}

/**
 * `type=tar`: the files in one archive, with owners, modes, times and devices as the image has them.
 * @throws FILE_ACCESS, DISK_FULL, CONTEXT_CHANGED
 */
export async function writeTarFiles(
  results: readonly PlatformFiles[],
  options: { readonly dest: OutputDestination; readonly signal: AbortSignal },
): Promise<void> {
  const { dest, signal } = options;
  const parts: { folder: string; layer: TreeLayer }[] = [];
  for (const { platform, tree } of results) {
    const folder = results.length > 1 ? platformFolder(platform) : '';
    parts.push({ folder, layer: await treeLayer(tree, signal) });
  }
  parts.sort((one, other) => (one.folder < other.folder ? -1 : 1));
  const origins = new Map<LayerEntry, readonly [TreeLayer, LayerEntry]>();
  const entries = parts.flatMap(({ folder, layer }) => {
    if (folder === '') {
      for (const entry of layer.index.entries) origins.set(entry, [layer, entry]);
      return layer.index.entries;
    }
    const moved = layer.index.entries.map((entry) => {
      const there = moveEntry(entry, folder);
      origins.set(there, [layer, entry]);
      return there;
    });
    return [folderEntry(folder), ...moved];
  });
  const contentOf = (entry: LayerEntry) => {
    const [layer, original] = origins.get(entry) as readonly [TreeLayer, LayerEntry];
    return layer.contentOf(original);
  };
  const tar = layerTar({ entries }, contentOf, { mtimeOf: ({ mtime }) => mtime, signal });
  await writeDestination(dest, tar, signal);
}

function moveEntry(entry: LayerEntry, folder: string): LayerEntry {
  const link = entry.type === 'hardlink' ? `${folder}/${entry.link}` : entry.link;
  return { ...entry, path: `${folder}/${entry.path}`, ...(link !== undefined && { link }) };
}

function folderEntry(path: string): LayerEntry {
  return { path, type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 };
}
