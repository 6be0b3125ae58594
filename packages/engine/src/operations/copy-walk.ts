import { fault } from '@onebuild/core';
import { createPatternMatcher, type IgnoreMatcher, type ModeChange } from '@onebuild/dockerfile';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { joinPath } from '../tree/path.ts';
import type { NewEntry, Owner, TreeEditor } from '../tree/tree-editor.ts';
import type { SourceRules } from './copy-sources.ts';

/** What COPY and ADD say of how files arrive. */
export interface CopyRules extends SourceRules {
  /** undefined: as in the source. */
  readonly owner: Owner | undefined;
  readonly mode: ModeChange | undefined;
  /** Of folders made on the way. */
  readonly folderMode: number;
  readonly exclude: readonly string[];
  readonly parents: boolean;
  /** Seconds; undefined: as in the source. */
  readonly mtime: number | undefined;
}

/** BuildKit makes these folders under umask 022 and without special bits, whatever --chmod says. */
export function folderAttributes(rules: CopyRules): Owner & { readonly mode: number } {
  return { uid: 0, gid: 0, ...rules.owner, mode: rules.folderMode & 0o755 };
}

/** One copy on its way. */
export interface Walk {
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

/** Copies what is in a folder, and the folder's attributes where the job has them. */
export function copyFolder(walk: Walk, job: FolderCopy): void {
  const { editor, tree } = walk;
  refuseNoFolder(walk, job.to);
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

/** @throws SOURCE_NOT_FOUND where something that is no folder stands in a folder's place */
export function refuseNoFolder({ editor, rules }: Walk, to: string): void {
  const there = editor.get(to);
  if (there === undefined || there.type === 'dir') return;
  throw fault('SOURCE_NOT_FOUND', `cannot copy a folder over /${to}, which is not a folder`, {
    location: rules.location,
    hint: 'Choose another destination, or remove the file in an earlier step.',
  });
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
export function keepFolderTime({ editor, tree, rules }: Walk, from: string, to: string): void {
  const there = editor.get(to);
  if (there === undefined || rules.mtime !== undefined || to === '') return;
  const { path: _, ...kept } = there;
  editor.put(to, { ...kept, mtime: tree.get(from)?.mtime ?? kept.mtime });
}

export function putFile(walk: Walk, from: string, entry: TreeEntry, to: string): void {
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

/** The entry with what the rules say of it. */
export function changed(entry: TreeEntry, rules: CopyRules): NewEntry {
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

/** @throws DOCKERFILE_INSTRUCTION for a pattern that is none */
export function startWalk(editor: TreeEditor, tree: FileTree, rules: CopyRules): Walk {
  const { exclude, location } = rules;
  return {
    editor,
    tree,
    rules,
    links: new Map(),
    exclude: exclude.length === 0 ? undefined : createPatternMatcher(exclude, { location }),
  };
}
