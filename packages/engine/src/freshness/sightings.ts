import { createHash } from 'node:crypto';
import type { LayerEntry } from '@onebuild/oci';
import type { Layer, Snapshot } from '../stack/layer.ts';
import { snapshotTree } from '../stack/snapshot-tree.ts';
import type { FileTree } from '../tree/file-tree.ts';
import type { Sighting } from './known-time.ts';

/** A path of a layer, or a file with all its names there. */
export interface LayerSighting extends Sighting {
  readonly names: readonly string[];
}

/** What can be seen of the layers that were made here: a base's files have their own times. */
export async function sightingsOf(snapshot: Snapshot): Promise<ReadonlyMap<Layer, readonly LayerSighting[]>> {
  const tree = await snapshotTree(snapshot);
  const taken = new Set<string>();
  const found = new Map<Layer, readonly LayerSighting[]>();
  for (const layer of snapshot.layers.toReversed()) {
    if (layer.base !== undefined || found.has(layer)) continue;
    const { entries } = (await layer.load()).index;
    const links = namesByFile(entries);
    const list: LayerSighting[] = [];
    for (const entry of entries) {
      const { type, mtime } = entry;
      if (type === 'whiteout' || type === 'opaque' || type === 'hardlink') continue;
      const names = [entry.path, ...(links.get(entry.path) ?? [])];
      const seen = names.filter((name) => !taken.has(name) && tree.get(name) !== undefined);
      const [path] = seen;
      if (path === undefined) continue;
      for (const name of seen) taken.add(name);
      list.push({ path, content: contentOf(entry, { tree, seen }), fixedTime: mtime, names });
    }
    found.set(layer, list);
  }
  return found;
}

function namesByFile(entries: readonly LayerEntry[]): ReadonlyMap<string, readonly string[]> {
  const names = new Map<string, string[]>();
  for (const { type, path, link = '' } of entries) {
    if (type !== 'hardlink') continue;
    const list = names.get(link);
    if (list) list.push(path);
    else names.set(link, [path]);
  }
  return names;
}

/** A folder changes when its names do, as on a disk. */
function contentOf(
  entry: LayerEntry,
  { tree, seen }: { readonly tree: FileTree; readonly seen: readonly string[] },
): string {
  const { type, path, digest, link } = entry;
  const what = type === 'dir' ? tree.list(path) : [digest, link, seen.length > 1 ? seen : undefined];
  return createHash('sha256')
    .update(JSON.stringify([type, what]))
    .digest('base64url')
    .slice(0, 22);
}
