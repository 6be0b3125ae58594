import { randomUUID } from 'node:crypto';
import { renameSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, toFault } from '@onebuild/core';
import { decodeLayerIndex, digestHex, encodeLayerIndex, type LayerIndex } from '@onebuild/oci';
import { removeTree } from '../snapshot/remove-tree.ts';
import type { Store } from '../store/store.ts';

/** Puts an unpacked layer into the store by rename; when it is there already, that one stays. */
export async function publishFolder(
  store: Store,
  layer: { readonly id: Digest; readonly index: LayerIndex },
  folder: string,
): Promise<string> {
  const target = join(store.layersDir, digestHex(layer.id));
  const size = indexBytes(layer.index);
  const moved = store.db.exclusively(() => {
    const placed = moveUnlessThere(folder, target);
    store.db.put('layer', layer.id, size);
    return placed;
  });
  if (!moved) await removeTree(folder);
  return target;
}

function moveUnlessThere(folder: string, target: string): boolean {
  try {
    renameSync(folder, target);
    return true;
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw toFault(error);
  }
}

/** Keeps a layer's listing. */
export async function publishIndex(store: Store, id: Digest, index: LayerIndex): Promise<void> {
  const bytes = encodeLayerIndex(index);
  const temp = join(store.temp, `index-${randomUUID()}`);
  await writeFile(temp, bytes);
  store.db.exclusively(() => {
    renameSync(temp, join(store.indexDir, digestHex(id)));
    store.db.put('index', id, bytes.byteLength);
  });
}

/** A listing that was kept; undefined where it is gone or cannot be read. */
export async function readIndex(store: Store, id: Digest): Promise<LayerIndex | undefined> {
  if (!store.db.touch('index', id)) return undefined;
  try {
    return decodeLayerIndex(await readFile(join(store.indexDir, digestHex(id))));
  } catch {
    return undefined;
  }
}

function indexBytes(index: LayerIndex): number {
  let bytes = 0;
  for (const entry of index.entries) bytes += entry.size + 512;
  return bytes;
}
