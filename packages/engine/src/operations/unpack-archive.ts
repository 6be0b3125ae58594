import { join } from 'node:path';
import { type Digest, fault } from '@onebuild/core';
import { digestOf, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import { type ArchiveFiles, openArchive } from '../source/archive-files.ts';
import { publishIndex, readIndex } from '../stack/publish-folder.ts';
import type { FileContent, FileTree, TreeEntry } from '../tree/file-tree.ts';
import { createLayerView } from '../tree/layer-view.ts';
import { baseName, cleanPath, joinPath, parentPath } from '../tree/path.ts';
import { resolvePath } from '../tree/resolve-path.ts';
import type { TreeEditor } from '../tree/tree-editor.ts';
import type { CopyRules } from './copy-walk.ts';
import type { OperationServices } from './operation-services.ts';

export interface ArchiveTree {
  readonly tree: FileTree;
  /** Of all members but the root, folders before what is in them. */
  readonly paths: readonly string[];
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
    const archive =
      digest && (await archiveTree(services, { path, digest, mayChange: content.kind === 'host' }, signal));
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
  file: { readonly path: string; readonly digest: Digest; readonly mayChange: boolean },
  signal: AbortSignal,
): Promise<ArchiveTree | undefined> {
  const { store } = services;
  const { path, digest } = file;
  const id = digestOf(`archive ${digest}`);
  let opened: ArchiveFiles | undefined;
  const open = async (): Promise<ArchiveFiles | undefined> => {
    opened ??= await openArchive(path, { temp: store.temp, signal, ...(file.mayChange && { digest }) });
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
  return {
    tree: memberTree(index, digest, {
      contentOf(entry) {
        if (opened === undefined) throw fault('INTERNAL', 'an archive was read before it was prepared');
        return opened.contentOf(entry);
      },
      prepare: async () => void (await open()),
    }),
    paths: index.entries.map(({ path: at }) => at).filter((at) => at !== ''),
  };
}

/** The members by the paths that the archive gives them, also those below its symlinks, which no tree of a file system would show. */
function memberTree(
  index: LayerIndex,
  id: string,
  source: { contentOf(entry: LayerEntry): FileContent; prepare(): Promise<void> },
): FileTree {
  const { entries, isLinkTarget } = createLayerView(index);
  const find = (path: string): LayerEntry | undefined => {
    const entry = entries.get(path);
    return entry?.type === 'hardlink' ? entries.get(entry.link ?? '') : entry;
  };
  const findFile = (path: string): LayerEntry => {
    const entry = find(path);
    if (entry === undefined) throw fault('INTERNAL', `an archive has no member ${path}`);
    return entry;
  };
  return {
    get(path) {
      const entry = find(path);
      if (entry === undefined) return undefined;
      const type = entry.type as TreeEntry['type'];
      return { ...entry, path, type, ...(isLinkTarget(entry.path) && { inode: `${id}:${entry.path}` }) };
    },
    list: () => [],
    digests: async (paths) => paths.map((path) => findFile(path).digest ?? digestOf('')),
    content: (path) => source.contentOf(findFile(path)),
    prepare: source.prepare,
  };
}

/**
 * Puts an archive's files below `dest`; what is there is replaced, folders stay and take the archive's attributes, all but the one at
 * `dest` itself. Links on the way to a file are followed as a process rooted at `dest` would follow them.
 * @throws SOURCE_NOT_FOUND where a file is in the way, or a link leads out
 */
export function unpackArchive(
  editor: TreeEditor,
  archive: ArchiveTree,
  job: { readonly dest: string; readonly rules: CopyRules },
): void {
  const { rules } = job;
  const implied = { uid: 0, gid: 0, ...rules.owner, mode: 0o755 };
  const top = editor.makeFolders(cleanPath(job.dest), implied);
  const rooted = { get: (path: string) => editor.get(joinPath(top, path)) };
  const folders = new Map<string, string>();
  const links = new Map<string, string>();
  const folderOf = (path: string): string => {
    let folder = folders.get(path);
    if (folder === undefined) {
      const inside = resolvePath(rooted, path, { followLast: true, refuseOutside: top !== '' });
      folder = editor.makeFolders(joinPath(top, inside), implied);
      folders.set(path, folder);
    }
    return folder;
  };
  for (const from of archive.paths) {
    const entry = archive.tree.get(from);
    if (entry === undefined) continue;
    const to = joinPath(folderOf(parentPath(from)), baseName(from));
    const { path: _, inode: shared, ...kept } = entry;
    let inode: string | undefined;
    if (shared !== undefined) {
      inode = links.get(shared) ?? `${shared}>${to}`;
      links.set(shared, inode);
    }
    editor.put(
      to,
      { ...kept, ...rules.owner, mtime: rules.mtime ?? entry.mtime, ...(inode !== undefined && { inode }) },
      entry.type === 'file' ? { tree: archive.tree, path: from } : undefined,
    );
  }
}
