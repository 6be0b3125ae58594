import type { FileTree } from '../tree/file-tree.ts';
import { baseName, cleanPath, joinPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { TreeEditor } from '../tree/tree-editor.ts';
import { copyWithParents } from './copy-parents.ts';
import { findSources, notFound } from './copy-sources.ts';
import { type CopyRules, copyFolder, folderAttributes, putFile, startWalk, type Walk } from './copy-walk.ts';

/**
 * COPY's way of copying, as BuildKit's file operation has it: the destination is a folder when it ends in a slash or is one; of a folder
 * the content is copied; a folder that was there keeps its attributes at the top and takes the source's below.
 * @param dest absolute; its trailing slash matters
 * @throws SOURCE_NOT_FOUND
 */
export function copyFiles(editor: TreeEditor, tree: FileTree, request: CopyRequest): void {
  const { source, dest, rules } = request;
  if (rules.parents) {
    copyWithParents(editor, tree, request);
    return;
  }
  const walk = startWalk(editor, tree, rules);
  for (const match of findSources(tree, source, rules)) {
    if (request.unpack?.(match) === true) continue;
    copyOne({ ...walk, links: new Map() }, match, dest);
  }
}

export interface CopyRequest {
  readonly source: string;
  readonly dest: string;
  readonly rules: CopyRules;
  /** Unpacks the file when it is an archive that ADD unpacks; false leaves it to be copied. */
  readonly unpack?: (path: string) => boolean;
}

function copyOne(walk: Walk, match: string, dest: string): void {
  const { editor, tree, rules } = walk;
  const from = resolvePath(tree, match, { followLast: true });
  const entry = tree.get(from);
  if (entry === undefined) throw notFound(tree, match, rules);
  const target = prepareTarget(editor, { match, dest, isDir: entry.type === 'dir', rules });
  if (entry.type === 'dir') copyFolder(walk, { from, relative: '', to: target, attributes: undefined });
  else putFile(walk, from, entry, target);
}

/** Makes the folders that the destination needs and says where the source goes. */
function prepareTarget(
  editor: TreeEditor,
  job: { readonly match: string; readonly dest: string; readonly isDir: boolean; readonly rules: CopyRules },
): string {
  const { dest, rules } = job;
  const folder = folderAttributes(rules);
  const slash = dest.endsWith('/') || dest.endsWith('/.');
  const clean = cleanPath(dest);
  editor.makeFolders(slash ? clean : parentPath(clean), folder);
  let target = editor.resolve(clean);
  const there = editor.get(target);
  if (job.isDir) {
    if (there === undefined) editor.makeFolders(target, folder);
  } else if (there?.type === 'dir') {
    target = joinPath(target, baseName(job.match));
  }
  return target;
}
