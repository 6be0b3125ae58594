import { fault } from '@onebuild/core';
import type { FileTree } from './file-tree.ts';
import { joinPath } from './path.ts';

/** As Linux: path_resolution(7) allows 40. */
const maxLinks = 40;

/**
 * The path without symlinks in it, as a process rooted in the tree would see it: links never lead out. Parts that do
 * not exist stay as written.
 * @throws SOURCE_NOT_FOUND when links go round in a circle, and with `refuseOutside` when `..` goes above the root
 */
export function resolvePath(
  tree: Pick<FileTree, 'get'>,
  path: string,
  options: { readonly followLast: boolean; readonly refuseOutside?: boolean },
): string {
  let rest = path.split('/').reverse();
  let at = '';
  let links = 0;
  for (;;) {
    const name = rest.pop();
    if (name === undefined) return at;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (at === '' && options.refuseOutside === true)
        throw fault('SOURCE_NOT_FOUND', `a symbolic link in /${path} leads out`);
      const slash = at.lastIndexOf('/');
      at = slash < 0 ? '' : at.slice(0, slash);
      continue;
    }
    const next = joinPath(at, name);
    const last = rest.every((part) => part === '');
    const entry = last && !options.followLast ? undefined : tree.get(next);
    if (entry?.type !== 'symlink' || entry.link === undefined) {
      at = next;
      continue;
    }
    links++;
    if (links > maxLinks) throw fault('SOURCE_NOT_FOUND', `too many symbolic links in /${path}`);
    if (entry.link.startsWith('/')) at = '';
    rest = [...rest, ...entry.link.split('/').reverse()];
  }
}
