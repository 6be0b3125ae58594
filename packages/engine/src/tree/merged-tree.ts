import { type Digest, fault } from '@onebuild/core';
import { comparePaths, digestOf, type LayerEntry } from '@onebuild/oci';
import type { FileContent, FileTree, TreeEntry } from './file-tree.ts';
import type { LayerView } from './layer-view.ts';
import { parentPath } from './path.ts';

/** One layer as a merged tree needs it. */
export interface TreeLayer {
  readonly id: string;
  readonly view: LayerView;
  /** Only after `prepare`. */
  contentOf(entry: LayerEntry): FileContent;
  /** Makes the bytes of these paths readable (unpacks what was only listed so far). */
  prepare(paths: readonly string[]): Promise<void>;
}

/** A folder that no layer describes, only longer paths imply. */
const impliedFolder = { type: 'dir', mode: 0o755, uid: 0, gid: 0, size: 0, mtime: 0 } as const;

const emptyDigest = digestOf('');

/**
 * Layers seen as one tree, bottom first: OCI image spec, layer.md (whiteouts, opaque folders; a later file hides an
 * earlier folder and the other way round).
 */
export function createMergedTree(layers: readonly TreeLayer[]): FileTree {
  const found = new Map<string, Found | null>();
  const lists = new Map<string, readonly string[]>();
  const hidden = layers.map(() => new Map<string, boolean>());
  const hides = (at: number, folder: string) =>
    hidesFolder((layers[at] as TreeLayer).view, folder, hidden[at] as Map<string, boolean>);

  function find(path: string): Found | null {
    const known = found.get(path);
    if (known !== undefined) return known;
    const result = search(path);
    found.set(path, result);
    return result;
  }

  /** From the top down until a layer says something about the path. */
  function search(path: string): Found | null {
    const slash = path.lastIndexOf('/');
    const parent = slash < 0 ? '' : path.slice(0, slash);
    let implied = false;
    for (let at = layers.length - 1; at >= 0; at--) {
      const { view } = layers[at] as TreeLayer;
      const entry = view.entries.get(path);
      if (entry !== undefined) {
        if (implied && entry.type !== 'dir') break;
        return { entry, at };
      }
      if (view.hasFolder(path) && path !== '') implied = true;
      if (view.isWhiteout(path) || hides(at, parent)) break;
    }
    if (implied || path === '') return { entry: { path, ...impliedFolder }, at: -1 };
    return null;
  }

  function list(path: string): readonly string[] {
    const known = lists.get(path);
    if (known !== undefined) return known;
    const names = new Set<string>();
    if (find(path)?.entry.type === 'dir') {
      for (let at = layers.length - 1; at >= 0; at--) {
        const { view } = layers[at] as TreeLayer;
        for (const name of view.children(path) ?? []) names.add(name);
        if (hides(at, path)) break;
      }
    }
    const prefix = path === '' ? '' : `${path}/`;
    const result = [...names].filter((name) => find(prefix + name) !== null).sort(comparePaths);
    lists.set(path, result);
    return result;
  }

  function source({ entry, at }: Found): LayerEntry {
    if (entry.type !== 'hardlink') return entry;
    const target = layers[at]?.view.entries.get(entry.link ?? '');
    if (target === undefined || target.type !== 'file')
      throw fault('TAR_INVALID', `the hard link ${entry.path} points at no file of its layer`);
    return target;
  }

  function treeEntry(path: string): TreeEntry | undefined {
    const hit = find(path);
    if (hit === null) return undefined;
    const real = source(hit);
    if (real.type !== 'file') return { ...real, type: real.type as 'dir' };
    const layer = layers[hit.at] as TreeLayer;
    const shared = hit.entry.type === 'hardlink' || layer.view.isLinkTarget(real.path);
    return { ...real, path, type: 'file', ...(shared && { inode: `${layer.id}:${real.path}` }) };
  }

  return {
    get: treeEntry,
    list,
    async digests(paths) {
      return paths.map((path): Digest => {
        const hit = find(path);
        return (hit && source(hit).digest) ?? emptyDigest;
      });
    },
    content(path) {
      const hit = find(path);
      const layer = hit && layers[hit.at];
      if (!hit || !layer) throw fault('INTERNAL', `no content at ${path}`);
      return layer.contentOf(source(hit));
    },
    async prepare(paths) {
      const wanted = new Map<number, string[]>();
      for (const path of paths) {
        const hit = find(path);
        if (hit === null || hit.at < 0) continue;
        const real = source(hit).path;
        const list = wanted.get(hit.at);
        if (list) list.push(real);
        else wanted.set(hit.at, [real]);
      }
      await Promise.all([...wanted].map(async ([at, list]) => layers[at]?.prepare(list)));
    },
  };
}

/**
 * Whether a layer hides what lower ones have in `folder`, by what it says of it and of the folders above. What is found
 * goes into `known`: going up again for each name in a deep folder would take very long.
 */
function hidesFolder(view: LayerView, folder: string, known: Map<string, boolean>): boolean {
  const open: string[] = [];
  let hidden: boolean | undefined;
  for (let at = folder; hidden === undefined; at = parentPath(at)) {
    hidden = known.get(at);
    if (hidden !== undefined) break;
    open.push(at);
    const entry = view.entries.get(at);
    if (view.isOpaque(at) || view.isWhiteout(at) || (entry !== undefined && entry.type !== 'dir'))
      hidden = true;
    else if (at === '') hidden = false;
  }
  for (const at of open) known.set(at, hidden);
  return hidden;
}

interface Found {
  readonly entry: LayerEntry;
  readonly at: number;
}
