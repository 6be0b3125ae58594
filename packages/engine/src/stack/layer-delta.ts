import { digestOf, type LayerEntry, type LayerIndex, sortByPath } from '@onebuild/oci';
import { parentPath, pathAndParents } from '../tree/path.ts';

/**
 * Two small layers, of which one lies under and one over the folder of an earlier layer, so that the three show another layer.
 *
 * Programs see folders in an order that overlayfs makes of all layers': names of the lowest first, then those of the others from the top down.
 * So that it is the one of a folder of its own, `over` has all names of each folder in which something changed, and `under` has them, too.
 */
export interface LayerDelta {
  readonly under: LayerIndex;
  readonly over: LayerIndex;
  /** They show the other layer only where nothing below has these paths: a whiteout hides more than one layer. */
  readonly hides: readonly string[];
}

/** undefined where the layers cannot be shown so, or not easily: layers with whiteouts, hard links that changed. */
export function layerDelta(base: LayerIndex, index: LayerIndex): LayerDelta | undefined {
  if ([base, index].some(({ entries }) => entries.some(isMark))) return undefined;
  const before = new Map(base.entries.map((entry) => [entry.path, entry]));
  const after = new Map(index.entries.map((entry) => [entry.path, entry]));
  const over = new Map<string, LayerEntry>();
  const hides: string[] = [];
  for (const entry of index.entries) {
    const { path, type } = entry;
    const old = before.get(path);
    if (old !== undefined && isSame(old, entry)) continue;
    over.set(path, entry);
    if (type === 'dir' && old !== undefined && old.type !== 'dir') hides.push(path);
  }
  for (const { path } of base.entries) {
    if (after.has(path) || isGone(parentPath(path), before, after)) continue;
    over.set(path, { path, type: 'whiteout', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 });
    hides.push(path);
  }
  const changed = new Set([...over.keys()].flatMap((path) => ['', ...pathAndParents(parentPath(path))]));
  for (const path of changed) if (path !== '' && after.get(path)?.type !== 'dir') return undefined;
  for (const entry of index.entries) {
    if (entry.path !== '' && changed.has(parentPath(entry.path))) over.set(entry.path, entry);
  }
  if ([base, index].some((each) => linkedPaths(each).some((path) => over.has(path)))) return undefined;
  const entries = sortByPath([...over.values()]);
  return { over: { entries }, under: { entries: entries.flatMap(placeholder) }, hides };
}

function isMark({ type }: LayerEntry): boolean {
  return type === 'whiteout' || type === 'opaque';
}

/** Whether a folder of the base went as a whole, or became something else. */
function isGone(
  folder: string,
  before: ReadonlyMap<string, LayerEntry>,
  after: ReadonlyMap<string, LayerEntry>,
): boolean {
  return before.has(folder) && after.get(folder)?.type !== 'dir';
}

function isSame(one: LayerEntry, other: LayerEntry): boolean {
  return (
    one.type === other.type &&
    one.mode === other.mode &&
    one.uid === other.uid &&
    one.gid === other.gid &&
    one.size === other.size &&
    one.mtime === other.mtime &&
    one.digest === other.digest &&
    one.link === other.link &&
    String(one.device) === String(other.device) &&
    (one.xattrs === other.xattrs || JSON.stringify(one.xattrs) === JSON.stringify(other.xattrs))
  );
}

/** Hard links and what they are names of: names of one file have to be made together. */
function linkedPaths({ entries }: LayerIndex): readonly string[] {
  return entries.flatMap(({ type, path, link = '' }) => (type === 'hardlink' ? [path, link] : []));
}

const emptyFile = { mode: 0, uid: 0, gid: 0, size: 0, mtime: 0, digest: digestOf('') } as const;

/** What is only there for its name. */
function placeholder(entry: LayerEntry): readonly LayerEntry[] {
  if (entry.type === 'whiteout') return [];
  return [entry.type === 'dir' ? entry : { ...emptyFile, path: entry.path, type: 'file' }];
}
