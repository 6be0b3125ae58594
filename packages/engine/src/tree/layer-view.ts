import type { LayerEntry, LayerIndex } from '@onebuild/oci';

/** A layer's listing, made quick to ask. */
export interface LayerView {
  readonly entries: ReadonlyMap<string, LayerEntry>;
  /** Names in a folder of this layer, whiteouts apart; folders that only appear in longer paths are in it. */
  children(path: string): ReadonlySet<string> | undefined;
  /** The path is a folder here, said or implied by a longer path. */
  hasFolder(path: string): boolean;
  /** The folder hides what is below it. */
  isOpaque(path: string): boolean;
  isWhiteout(path: string): boolean;
  /** Files that have more than one name here: the path that carries the content. */
  isLinkTarget(path: string): boolean;
}

export function createLayerView(index: LayerIndex): LayerView {
  const entries = new Map<string, LayerEntry>();
  const folders = new Map<string, Set<string>>();
  const whiteouts = new Set<string>();
  const opaque = new Set<string>();
  const linkTargets = new Set<string>();
  folders.set('', new Set());

  const folderOf = (path: string): Set<string> => {
    const known = folders.get(path);
    if (known !== undefined) return known;
    const made = new Set<string>();
    folders.set(path, made);
    if (path !== '') addName(path);
    return made;
  };
  const addName = (path: string): void => {
    const slash = path.lastIndexOf('/');
    folderOf(slash < 0 ? '' : path.slice(0, slash)).add(path.slice(slash + 1));
  };

  for (const entry of index.entries) {
    if (entry.type === 'opaque') {
      opaque.add(entry.path);
      folderOf(entry.path);
    } else if (entry.type === 'whiteout') {
      whiteouts.add(entry.path);
    } else {
      entries.set(entry.path, entry);
      if (entry.type === 'dir') folderOf(entry.path);
      else addName(entry.path);
      if (entry.type === 'hardlink' && entry.link !== undefined) linkTargets.add(entry.link);
    }
  }
  return {
    entries,
    children: (path) => folders.get(path),
    hasFolder: (path) => folders.has(path),
    isOpaque: (path) => opaque.has(path),
    isWhiteout: (path) => whiteouts.has(path),
    isLinkTarget: (path) => linkTargets.has(path),
  };
}
