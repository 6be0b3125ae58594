import { comparePaths, type LayerEntry } from '@onebuild/oci';
import type { TreeEntry } from '../tree/file-tree.ts';
import type { KeepXattr } from './keep-xattr.ts';

/** Whether a path is what it was, by all that is known without reading: not its content. */
export function sameAttributes(
  entry: LayerEntry,
  base: TreeEntry,
  options: { readonly compareMtime: boolean; readonly keepXattr: KeepXattr },
): boolean {
  return (
    entry.type === base.type &&
    // Linux has no modes of symlinks; archives say what they like.
    (entry.type === 'symlink' || entry.mode === base.mode) &&
    entry.uid === base.uid &&
    entry.gid === base.gid &&
    entry.size === base.size &&
    entry.link === base.link &&
    String(entry.device) === String(base.device) &&
    sameXattrs(entry.xattrs, base.xattrs, options.keepXattr) &&
    (!options.compareMtime || entry.type === 'dir' || entry.mtime === base.mtime)
  );
}

function sameXattrs(one: LayerEntry['xattrs'], other: LayerEntry['xattrs'], keep: KeepXattr): boolean {
  const kept = (xattrs: LayerEntry['xattrs']) =>
    JSON.stringify(
      Object.entries(xattrs ?? {})
        .filter(([name]) => keep(name))
        .sort(([left], [right]) => comparePaths(left, right)),
    );
  return kept(one) === kept(other);
}
