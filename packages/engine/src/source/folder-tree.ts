import { closeSync, constants, lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs';
import { type Clock, type Digest, fault, isFault } from '@onebuild/core';
import { comparePaths, decodePath } from '@onebuild/oci';
import { unpackDevice } from '../posix/device-number.ts';
import { nativePath } from '../posix/native-path.ts';
import { descriptorPath, O_PATH, openInside, trueName } from '../posix/open-inside.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { baseName, joinPath, parentPath } from '../tree/path.ts';
import { contextFault } from './context-fault.ts';
import { digestFolderFiles } from './digest-folder-files.ts';
import type { FileHashCache } from './file-hash-cache.ts';
import type { FileStamp } from './hash-file.ts';

/** What a `.dockerignore` says; the part of `IgnoreMatcher` of @onebuild/dockerfile that is needed here. */
export interface ContextIgnore {
  ignores(path: string): boolean;
  /** Whether something under the ignored folder may not be ignored. */
  mayContainException(path: string): boolean;
}

export interface FolderTreeOptions {
  readonly ignore?: ContextIgnore | undefined;
  /** Hashes of earlier builds. */
  readonly hashes?: FileHashCache | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
}

/**
 * A folder of the host as a build context. It is read when it is asked for, and each path once: what was told stays so
 * for the life of the tree. Ignored paths are not there, but for folders that something not ignored is in. Owners are
 * 0:0 and extended attributes are left out, as in Docker's contexts; sockets are left out; symlinks are never followed, also when one
 * takes the place of a folder while the tree is read. `get`, `list` and `digests` throw CONTEXT_READ where a path may not be read, CONTEXT_CHANGED where a
 * folder has become something else.
 */
export function createFolderTree(root: string, options: FolderTreeOptions): FileTree {
  const folder = new FolderReader(root, options.ignore);
  return {
    get: (path) => folder.entry(path)?.entry,
    list: (path) => folder.list(path),
    digests: (paths, signal) => digestFolderFiles(folder, paths, { ...options, ...(signal && { signal }) }),
    content: (path) => ({ kind: 'host', path: folder.hostPath(path) }),
  };
}

/** What one lstat said. */
export interface FolderEntry {
  readonly entry: TreeEntry;
  readonly stamp: FileStamp;
}

/** Remembers what it read. */
export class FolderReader {
  readonly #root: string;
  readonly #ignore: ContextIgnore | undefined;
  readonly #entries = new Map<string, FolderEntry | undefined>();
  readonly #lists = new Map<string, readonly string[]>();
  readonly digests = new Map<string, Digest>();

  constructor(root: string, ignore: ContextIgnore | undefined) {
    this.#root = rootName(root);
    this.#ignore = ignore;
  }

  hostPath(path: string): string {
    if (path === '') return this.#root;
    return this.#root === '/' ? `/${path}` : `${this.#root}/${path}`;
  }

  entry(path: string): FolderEntry | undefined {
    if (this.#entries.has(path)) return this.#entries.get(path);
    const found = this.#find(path);
    this.#entries.set(path, found);
    return found;
  }

  list(path: string): readonly string[] {
    const known = this.#lists.get(path);
    if (known !== undefined) return known;
    const names = this.#isFolder(path) ? this.#read(path) : [];
    this.#lists.set(path, names);
    return names;
  }

  #find(path: string): FolderEntry | undefined {
    if (path !== '' && !this.#isFolder(parentPath(path))) return undefined;
    const ignored = path !== '' && this.#ignore?.ignores(path) === true;
    if (ignored && !this.#ignore?.mayContainException(path)) return undefined;
    const found = this.#stat(path);
    if (!ignored || found?.entry.type !== 'dir') return ignored ? undefined : found;
    this.#entries.set(path, found);
    return this.list(path).length > 0 ? found : undefined;
  }

  /** Without asking whether it is ignored: something in it may not be. */
  #isFolder(path: string): boolean {
    if (path === '') return true;
    if (this.#entries.get(path)?.entry.type === 'dir') return true;
    return this.entry(path)?.entry.type === 'dir';
  }

  #read(path: string): readonly string[] {
    const names: string[] = [];
    this.#inFolder(path, constants.O_RDONLY, (host) => {
      for (const { name, hidden, folder } of readFolder(host)) {
        const child = joinPath(path, name);
        if (hidden) continue;
        if (this.#ignore?.ignores(child) !== true) {
          names.push(name);
          this.#remember(child, `${host}/${name}`);
        } else if (folder && this.#ignore.mayContainException(child) && this.entry(child)) {
          names.push(name);
        }
      }
    });
    return names.sort(comparePaths);
  }

  /** While its folder is open: opening it again for each name would take longer than all else. */
  #remember(path: string, host: string): void {
    if (this.#entries.has(path)) return;
    try {
      this.#entries.set(path, readEntry(path, host));
    } catch {
      // whoever asks for it is told
    }
  }

  #stat(path: string): FolderEntry | undefined {
    let found: FolderEntry | undefined;
    this.#inFolder(parentPath(path), O_PATH, (host) => {
      try {
        found = readEntry(path, `${host}/${baseName(path) || '.'}`);
      } catch (error) {
        throw isGone(error) ? error : contextFault(error, path);
      }
    });
    return found;
  }

  /**
   * Calls `work` with a path that stands for the folder itself, whatever becomes of its name. What is gone is passed over.
   * @throws CONTEXT_READ, CONTEXT_CHANGED
   */
  #inFolder(path: string, mode: number, work: (host: string) => void): void {
    try {
      const descriptor = openInside(this.hostPath(path), mode | constants.O_DIRECTORY);
      try {
        work(descriptorPath(descriptor));
      } finally {
        closeSync(descriptor);
      }
    } catch (error) {
      if (isFault(error)) throw error;
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ELOOP' || (code === 'ENOTDIR' && path !== ''))
        throw fault('CONTEXT_CHANGED', `${JSON.stringify(path)} is no longer the folder it was`, {
          cause: error,
        });
      if (!isGone(error)) throw contextFault(error, path);
    }
  }
}

/** The folder that the user named may be a link itself, or not be there. */
function rootName(root: string): string {
  try {
    return trueName(root);
  } catch {
    return root.length > 1 && root.endsWith('/') ? root.slice(0, -1) : root;
  }
}

function readFolder(host: string): readonly { name: string; hidden: boolean; folder: boolean }[] {
  const plain = readdirSync(host, { withFileTypes: true, encoding: 'utf8' });
  const odd = plain.some(({ name }) => name.includes('\ufffd'));
  const found = odd ? readdirSync(host, { withFileTypes: true, encoding: 'buffer' }) : plain;
  return found.map((item) => ({
    name: typeof item.name === 'string' ? item.name : decodePath(item.name),
    hidden: item.isSocket(),
    folder: item.isDirectory(),
  }));
}

/** @throws errors of node:fs, but where there is nothing */
function readEntry(path: string, host: string): FolderEntry | undefined {
  const stats = lstatSync(nativePath(host), { throwIfNoEntry: false });
  const type = stats && typeOf(stats);
  return stats && type && { entry: entryOf(path, type, { stats, host }), stamp: stats };
}

function typeOf(stats: Stats): TreeEntry['type'] | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'dir';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isCharacterDevice()) return 'char';
  return stats.isBlockDevice() ? 'block' : undefined;
}

function entryOf(
  path: string,
  type: TreeEntry['type'],
  { stats, host }: { readonly stats: Stats; readonly host: string },
): TreeEntry {
  return {
    path,
    type,
    mode: stats.mode & 0o7777,
    uid: 0,
    gid: 0,
    size: type === 'file' ? stats.size : 0,
    mtime: Math.floor(stats.mtimeMs / 1000),
    ...(type === 'symlink' && { link: decodePath(readlinkSync(nativePath(host), 'buffer')) }),
    ...((type === 'char' || type === 'block') && { device: unpackDevice(stats.rdev) }),
    ...(type === 'file' && stats.nlink > 1 && { inode: inodeOf(host) }),
  };
}

/** Inode numbers may be beyond what a double holds, and two files must not look like one. */
function inodeOf(host: string): string {
  const { dev, ino } = lstatSync(nativePath(host), { bigint: true });
  return `${dev}:${ino}`;
}

function isGone(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOENT' || code === 'ENOTDIR';
}
