import { comparePaths, type LayerEntry, type LayerIndex } from '@onebuild/oci';

/**
 * The same layer, where of several names of one file the first (bytewise) is the file and the others are hard links to
 * it. An unpacker makes entries in their order, so a link must never come before what it points at.
 */
export function leadHardlinks(index: LayerIndex): LayerIndex {
  const leaders = new Map<string, string>();
  const targets = new Map<string, LayerEntry>();
  for (const { type, path, link } of index.entries) {
    if (type !== 'hardlink' || link === undefined || comparePaths(path, link) > 0) continue;
    const leader = leaders.get(link);
    if (leader === undefined || comparePaths(path, leader) < 0) leaders.set(link, path);
  }
  if (leaders.size === 0) return index;
  for (const entry of index.entries) {
    if (leaders.has(entry.path) && entry.type === 'file') targets.set(entry.path, entry);
  }
  const relinked = (entry: LayerEntry): LayerEntry => {
    const first = entry.type === 'hardlink' ? (entry.link ?? '') : entry.path;
    const target = targets.get(first);
    const leader = leaders.get(first);
    if (target === undefined || leader === undefined) return entry;
    if (entry.path === leader) return { ...target, path: leader };
    if (entry.type !== 'hardlink' && entry.type !== 'file') return entry;
    const { digest: _, ...rest } = target;
    return { ...rest, path: entry.path, type: 'hardlink', size: 0, link: leader };
  };
  return { entries: index.entries.map(relinked) };
}
