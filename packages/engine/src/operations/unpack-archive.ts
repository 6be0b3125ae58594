import { join } from 'node:path';
import { type Digest, fault } from '@onebuild/core';
import { digestOf, type LayerEntry } from '@onebuild/oci';
import { type ArchiveFiles, openArchive } from '../source/archive-files.ts';
import { publishIndex, readIndex } from '../stack/publish-folder.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { createLayerView } from '../tree/layer-view.ts';
import { createMergedTree } from '../tree/merged-tree.ts';
import { cleanPath, joinPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { TreeEditor } from '../tree/tree-editor.ts';
import type { CopyRules } from './copy-files.ts';
import type { OperationServices } from './operation-services.ts';

export interface ArchiveTree {
  readonly tree: FileTree;
  /** False for folders that only appear in longer paths. */
  says(path: string): boolean;
}

/** Which of the matched files are archives that ADD unpacks, and what is in them. */
export async function findArchives(
  services: OperationServices,
  job: { readonly tree: FileTree; readonly matches: readonly string[] },
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ArchiveTree>> {
  const { tree } = job;
  const found = new Map<string, ArchiveTree>();
  for (const match of job.matches) {
    const real = resolvePath(tree, match, { followLast: true });
    if (tree.get(real)?.type !== 'file') continue;
    await tree.prepare?.([real]);
    const content = tree.content(real);
    if (content.kind === 'bytes') continue;
    const path = content.kind === 'host' ? content.path : join(content.layer, content.path);
    const [digest] = await tree.digests([real], signal);
    const archive = digest && (await archiveTree(services, { path, digest }, signal));
    if (archive !== undefined) found.set(match, archive);
  }
  return found;
}

/**
 * The files of an archive. Its listing is kept by the archive's digest, so that a build which changes nothing doesn't unpack anything;
 * undefined where the file is no archive.
 */
async function archiveTree(
  services: OperationServices,
  file: { readonly path: string; readonly digest: Digest },
  signal: AbortSignal,
): Promise<ArchiveTree | undefined> {
  const { store } = services;
  const { path, digest } = file;
  const id = digestOf(`archive ${digest}`);
  let opened: ArchiveFiles | undefined;
  const open = async (): Promise<ArchiveFiles | undefined> => {
    opened ??= await openArchive(path, { temp: store.temp, signal });
    return opened;
  };
  if (store.db.fact('archive', digest) === 'none') return undefined;
  let index = await readIndex(store, id);
  if (index === undefined) {
    index = (await open())?.index;
    store.db.setFact('archive', digest, index === undefined ? 'none' : 'listed');
    if (index === undefined) return undefined;
    await publishIndex(store, id, index);
  }
  const view = createLayerView(index);
  const layer = {
    id: digest,
    view,
    contentOf(entry: LayerEntry) {
      if (opened === undefined) throw fault('INTERNAL', 'an archive was read before it was prepared');
      return opened.contentOf(entry);
    },
    prepare: async () => void (await open()),
  };
  return { tree: createMergedTree([layer]), says: (at) => view.entries.has(at) };
}

/** Puts an archive's files below `dest`; what is there is replaced, folders stay and take the archive's attributes. */
export function unpackArchive(
  editor: TreeEditor,
  { tree: archive, says }: ArchiveTree,
  job: { readonly dest: string; readonly rules: CopyRules },
): void {
  const { rules } = job;
  const top = editor.makeFolders(cleanPath(job.dest), { uid: 0, gid: 0, ...rules.owner, mode: 0o755 });
  const links = new Map<string, string>();
  const put = (from: string, entry: TreeEntry, to: string): void => {
    const { path: _, inode: shared, ...kept } = entry;
    let inode: string | undefined;
    if (shared !== undefined) {
      inode = links.get(shared) ?? `${shared}>${to}`;
      links.set(shared, inode);
    }
    editor.put(
      to,
      { ...kept, ...rules.owner, mtime: rules.mtime ?? entry.mtime, ...(inode !== undefined && { inode }) },
      entry.type === 'file' ? { tree: archive, path: from } : undefined,
    );
  };
  const visit = (folder: string, to: string): void => {
    for (const name of archive.list(folder)) {
      const from = joinPath(folder, name);
      const entry = archive.get(from);
      if (entry === undefined) continue;
      const target = joinPath(to, name);
      if (says(from)) put(from, entry, target);
      else editor.makeFolders(target, { uid: 0, gid: 0, ...rules.owner, mode: 0o755 });
      if (entry.type === 'dir') visit(from, target);
    }
  };
  const root = archive.get('');
  if (root !== undefined && says('')) put('', root, top);
  visit('', top);
}
