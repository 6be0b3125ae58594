import { fault, type SourceLocation } from '@onebuild/core';
import { createPatternMatcher, type IgnoreMatcher, type ModeChange } from '@onebuild/dockerfile';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { baseName, cleanPath, joinPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { NewEntry, Owner, TreeEditor } from '../tree/tree-editor.ts';
import { findSources, notFound } from './copy-sources.ts';

/** What COPY and ADD say of how files arrive. */
export interface CopyRules {
  /** undefined: as in the source. */
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
  readonly exclude: readonly string[];
  readonly parents: boolean;
  /** Seconds; undefined: as in the source. */
  readonly mtime: number | undefined;
  readonly location: SourceLocation;
  /** `the build context`, `stage build`: for messages. */
  readonly where: string;
}

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
  const exclude = rules.exclude.length === 0 ? undefined : matcher(rules.exclude, rules.location);
  for (const match of findSources(tree, source, rules)) {
    if (request.unpack?.(match) === true) continue;
    copyOne(editor, tree, { match, dest, rules, exclude });
  }
}

export interface CopyRequest {
  readonly source: string;
  readonly dest: string;
  readonly rules: CopyRules;
  /** Unpacks the file when it is an archive that ADD unpacks; false leaves it to be copied. */
  readonly unpack?: (path: string) => boolean;
}

function matcher(patterns: readonly string[], location: SourceLocation): IgnoreMatcher {
  return createPatternMatcher(patterns, { location });
}

function copyOne(
  editor: TreeEditor,
  tree: FileTree,
  job: {
    readonly match: string;
    readonly dest: string;
    readonly rules: CopyRules;
    readonly exclude: IgnoreMatcher | undefined;
  },
): void {
  const { match, dest, rules } = job;
  const from = resolvePath(tree, match, { followLast: true });
  const entry = tree.get(from);
  if (entry === undefined) throw notFound(tree, match, rules);
  const target = prepareTarget(editor, { match, dest, isDir: entry.type === 'dir', rules });
  const walk: Walk = { editor, tree, rules, links: new Map(), exclude: job.exclude };
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

/** BuildKit makes these folders under umask 022 and without special bits, whatever --chmod says. */
function folderAttributes(rules: CopyRules): Owner & { readonly mode: number } {
  return { uid: 0, gid: 0, ...rules.owner, mode: (rules.mode?.(0o755, true) ?? 0o755) & 0o755 };
}

interface Walk {
  readonly editor: TreeEditor;
  readonly tree: FileTree;
  readonly rules: CopyRules;
  /** Files with several names: inode in the source to inode here. */
  readonly links: Map<string, string>;
  readonly exclude: IgnoreMatcher | undefined;
}

interface FolderCopy {
  readonly from: string;
  /** From the top of this copy; patterns see it. */
  readonly relative: string;
  readonly to: string;
  /** undefined: the folder at the top, which keeps what it has. */
  readonly attributes: TreeEntry | undefined;
}

function copyFolder(walk: Walk, job: FolderCopy): void {
  const { editor, tree } = walk;
  const there = editor.get(job.to);
  if (there !== undefined && there.type !== 'dir') {
    throw fault('SOURCE_NOT_FOUND', `cannot copy a folder over /${job.to}, which is not a folder`, {
      location: walk.rules.location,
      hint: 'Choose another destination, or remove the file in an earlier step.',
    });
  }
  if (job.attributes !== undefined) editor.put(job.to, changed(job.attributes, walk.rules));
  else keepFolderTime(walk, job.from, job.to);
  for (const name of tree.list(job.from)) {
    const from = joinPath(job.from, name);
    const relative = joinPath(job.relative, name);
    if (walk.exclude?.ignores(relative) === true) {
      if (!walk.exclude.mayContainException(relative)) continue;
      if (tree.get(from)?.type !== 'dir') continue;
      if (!containsIncluded(walk, from, relative)) continue;
    }
    const entry = tree.get(from);
    if (entry === undefined) continue;
    const to = joinPath(job.to, name);
    if (entry.type === 'dir') copyFolder(walk, { from, relative, to, attributes: entry });
    else putFile(walk, from, entry, to);
  }
}

/** Whether an excluded folder holds something that a later `!` pattern takes back. */
function containsIncluded(walk: Walk, from: string, relative: string): boolean {
  return walk.tree.list(from).some((name) => {
    const path = joinPath(relative, name);
    if (walk.exclude?.ignores(path) !== true) return true;
    const below = joinPath(from, name);
    return walk.tree.get(below)?.type === 'dir' && containsIncluded(walk, below, path);
  });
}

/** The folder at the top of a copy takes the source's time, where times are kept. */
function keepFolderTime({ editor, tree, rules }: Walk, from: string, to: string): void {
  const there = editor.get(to);
  if (there === undefined || rules.mtime !== undefined || to === '') return;
  const { path: _, ...kept } = there;
  editor.put(to, { ...kept, mtime: tree.get(from)?.mtime ?? kept.mtime });
}

function putFile(walk: Walk, from: string, entry: TreeEntry, to: string): void {
  const { editor, links, rules } = walk;
  if (editor.get(to)?.type === 'dir') {
    throw fault('SOURCE_NOT_FOUND', `cannot replace the folder /${to} with a file`, {
      location: rules.location,
      hint: 'Choose another destination, or remove the folder in an earlier step.',
    });
  }
  let inode: string | undefined;
  if (entry.inode !== undefined) {
    inode = links.get(entry.inode) ?? `${entry.inode}>${to}`;
    links.set(entry.inode, inode);
  }
  const { inode: _, ...plain } = changed(entry, rules);
  editor.put(
    to,
    { ...plain, ...(inode !== undefined && { inode }) },
    entry.type === 'file' ? { tree: walk.tree, path: from } : undefined,
  );
}

function changed(entry: TreeEntry, rules: CopyRules): NewEntry {
  const { path: _, ...kept } = entry;
  return {
    ...kept,
    ...rules.owner,
    mode:
      entry.type === 'symlink' || rules.mode === undefined
        ? entry.mode
        : rules.mode(entry.mode, entry.type === 'dir'),
    mtime: rules.mtime ?? entry.mtime,
  };
}

/** `--parents`: the path from the pivot (`/./`, else the root) is kept below the destination, with the folders' attributes. */
function copyWithParents(editor: TreeEditor, tree: FileTree, request: CopyRequest): void {
  const { rules } = request;
  const pivot = request.source.indexOf('/./');
  const isPivot = pivot > 0 || (pivot === 0 && request.source.length > 3);
  const top = isPivot && !/^\.?$/.test(request.source.slice(0, pivot)) ? request.source.slice(0, pivot) : '';
  const pattern = cleanPath(isPivot ? request.source.slice(pivot + 3) : request.source);
  const folder = folderAttributes(rules);
  const to = editor.makeFolders(cleanPath(request.dest), folder);
  const walk: Walk = {
    editor,
    tree,
    rules,
    links: new Map(),
    exclude: rules.exclude.length === 0 ? undefined : matcher(rules.exclude, rules.location),
  };
  for (const root of top === '' ? [''] : findSources(tree, top, rules)) {
    const base = resolvePath(tree, root, { followLast: true });
    if (base !== '') keepFolderTime(walk, base, to);
    const found = pattern === '' ? [base] : matchBelow(tree, base, pattern, rules);
    for (const from of found) copyBelow(walk, { base, from, to });
  }
}

/** Like `findSources`, but below `base` and without following links. `**` stands for any number of folders. */
function matchBelow(tree: FileTree, base: string, pattern: string, rules: CopyRules): readonly string[] {
  if (!/[*?[\\]/.test(pattern)) {
    const path = joinPath(base, pattern);
    if (tree.get(path) === undefined) {
      const real = resolvePath(tree, path, { followLast: true });
      if (tree.get(real) === undefined) throw notFound(tree, path, rules);
      return [real];
    }
    return [path];
  }
  const wanted = matcher([pattern], rules.location);
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
  if (relative === '') {
    copyFolder(walk, { from: job.from, relative: '', to: job.to, attributes: undefined });
    return;
  }
  const entry = tree.get(job.from);
  if (entry === undefined) return;
  if (walk.exclude?.ignores(relative) === true && !walk.exclude.mayContainException(relative)) return;
  let at = '';
  for (const name of parentPath(relative).split('/').filter(Boolean)) {
    at = joinPath(at, name);
    const folder = tree.get(joinPath(job.base, at));
    const target = joinPath(job.to, at);
    if (folder?.type === 'dir') editor.put(target, changed(folder, walk.rules));
    else editor.makeFolders(target, folderAttributes(walk.rules));
  }
  const to = joinPath(job.to, relative);
  if (entry.type === 'dir') copyFolder(walk, { from: job.from, relative, to, attributes: entry });
  else putFile(walk, job.from, entry, to);
}
