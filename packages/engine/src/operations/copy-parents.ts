import { createPatternMatcher } from '@onebuild/dockerfile';
import type { FileTree } from '../tree/file-tree.ts';
import { baseName, cleanPath, joinPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { TreeEditor } from '../tree/tree-editor.ts';
import { findSources, notFound, refuseUntaken } from './copy-sources.ts';
import {
  type CopyRules,
  changed,
  copyFolder,
  folderAttributes,
  keepFolderTime,
  putFile,
  refuseNoFolder,
  startWalk,
  type Walk,
} from './copy-walk.ts';

/**
 * `--parents`: the path from the pivot (`/./`, else the root) is kept below the destination, with the folders' attributes. As in BuildKit,
 * where it is a pattern for all that is below the pivot: it names nothing when it is empty, or leads through a link.
 */
export function copyWithParents(
  editor: TreeEditor,
  tree: FileTree,
  request: { readonly source: string; readonly dest: string; readonly rules: CopyRules },
): void {
  const { rules } = request;
  const pivot = request.source.indexOf('/./');
  const isPivot = pivot > 0 || (pivot === 0 && request.source.length > 3);
  const top = isPivot && !/^\.?$/.test(request.source.slice(0, pivot)) ? request.source.slice(0, pivot) : '';
  const pattern = cleanPath(isPivot ? request.source.slice(pivot + 3) : request.source);
  const tops = top === '' ? [''] : findSources(tree, top, rules);
  if (tops.length === 0) return;
  const to = editor.makeFolders(cleanPath(request.dest), folderAttributes(rules));
  const walk = startWalk(editor, tree, rules);
  const one = !wildcard.test(top);
  for (const root of tops) {
    const base = resolvePath(tree, root, { followLast: true });
    const entry = tree.get(base);
    if (entry !== undefined && entry.type !== 'dir') {
      putFile(walk, base, entry, joinPath(to, baseName(root)));
      continue;
    }
    if (base !== '') keepFolderTime(walk, base, to);
    const found = matchBelow(tree, base, pattern, { ...rules, mustExist: one });
    if (one && found.length === 0)
      refuseUntaken(tree, { folder: base, source: cleanPath(request.source) }, rules);
    for (const from of found) copyBelow(walk, { base, from, to });
  }
}

const wildcard = /[*?[\\]/;

/** Like `findSources`, but below `base` and without following links. `**` stands for any number of folders. */
function matchBelow(
  tree: FileTree,
  base: string,
  pattern: string,
  rules: CopyRules & { readonly mustExist: boolean },
): readonly string[] {
  if (pattern === '') return [];
  if (!wildcard.test(pattern)) {
    const path = joinPath(base, pattern);
    if (tree.get(path) !== undefined) return [path];
    const isThere = tree.get(resolvePath(tree, path, { followLast: true })) !== undefined;
    if (rules.mustExist && !isThere) throw notFound(tree, path, rules);
    return [];
  }
  const wanted = createPatternMatcher([pattern], { location: rules.location });
  const found: string[] = [];
  const visit = (folder: string, relative: string): void => {
    for (const name of tree.list(folder)) {
      const path = joinPath(folder, name);
      const below = joinPath(relative, name);
      if (wanted.ignores(below)) found.push(path);
      else if (tree.get(path)?.type === 'dir') visit(path, below);
    }
  };
  visit(base, '');
  return found;
}

/** Copies `from` and the folders between `base` and it. */
function copyBelow(
  walk: Walk,
  job: { readonly base: string; readonly from: string; readonly to: string },
): void {
  const { editor, tree } = walk;
  const relative = job.base === '' ? job.from : job.from.slice(job.base.length + 1);
  const entry = tree.get(job.from);
  if (entry === undefined) return;
  if (walk.exclude?.ignores(relative) === true && !walk.exclude.mayContainException(relative)) return;
  let at = '';
  for (const name of parentPath(relative).split('/').filter(Boolean)) {
    at = joinPath(at, name);
    const folder = tree.get(joinPath(job.base, at));
    const target = joinPath(job.to, at);
    refuseNoFolder(walk, target);
    if (folder?.type === 'dir') editor.put(target, changed(folder, walk.rules));
    else editor.makeFolders(target, folderAttributes(walk.rules));
  }
  const to = joinPath(job.to, relative);
  if (entry.type === 'dir') copyFolder(walk, { from: job.from, relative, to, attributes: entry });
  else putFile(walk, job.from, entry, to);
}
