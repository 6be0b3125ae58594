import { sortByPath } from '../compare-paths.ts';
import type { LayerEntry, LayerIndex } from '../layer-index.ts';
import type { LayerNode, StoredFile } from './layer-nodes.ts';

/** The index of a layer whose members are all known: sorted, hard links turned to the first name, whiteouts beside what they hide. */
export function assembleLayerIndex(
  nodes: LayerNode[],
  whiteouts: ReadonlySet<string>,
  opaques: ReadonlySet<string>,
): LayerIndex {
  const firstNames = new Map<StoredFile, string>();
  const entries: LayerEntry[] = sortByPath(nodes).map(({ path, file }) => {
    const first = file.shared ? firstNames.get(file) : undefined;
    if (first !== undefined) return linkEntry(path, file, first);
    if (file.shared) firstNames.set(file, path);
    return fileEntry(path, file);
  });
  const marks = whiteoutMarks(nodes, whiteouts, opaques);
  // The sort is stable: an opaque mark stays behind its directory.
  return { entries: marks.length > 0 ? sortByPath([...entries, ...marks]) : entries };
}

function whiteoutMarks(
  nodes: readonly LayerNode[],
  whiteouts: ReadonlySet<string>,
  opaques: ReadonlySet<string>,
): LayerEntry[] {
  if (whiteouts.size === 0 && opaques.size === 0) return [];
  const types = new Map(nodes.map(({ path, file }) => [path, file.type]));
  const marks: LayerEntry[] = [];
  for (const path of new Set([...opaques, ...whiteouts])) {
    const type = types.get(path);
    if (type !== undefined && type !== 'dir') continue;
    const opaque = opaques.has(path) || type === 'dir';
    marks.push({
      path,
      type: opaque ? 'opaque' : 'whiteout',
      mode: 0,
      uid: 0,
      gid: 0,
      size: 0,
      mtime: 0,
    });
  }
  return marks;
}

function fileEntry(path: string, { type, attributes, digest }: StoredFile): LayerEntry {
  return { path, type, ...attributes, ...(digest && { digest }) };
}

function linkEntry(path: string, { attributes }: StoredFile, first: string): LayerEntry {
  const { mode, uid, gid, mtime } = attributes;
  return { path, type: 'hardlink', mode, uid, gid, size: 0, mtime, link: first };
}
