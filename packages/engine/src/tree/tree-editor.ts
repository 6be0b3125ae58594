import { type Digest, fault } from '@onebuild/core';
import { comparePaths, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import type { FileTree, TreeEntry } from './file-tree.ts';
import { joinPath, parentPath, pathAndParents } from './path.ts';
import { resolvePath } from './resolve-path.ts';

/** Where the bytes of a new file come from. */
export interface Origin {
  readonly tree: FileTree;
  readonly path: string;
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** A new path. A file comes with an origin or with bytes known by digest; names that share `inode` are one file. */
export type NewEntry = Omit<TreeEntry, 'path'>;

interface Added {
  readonly entry: NewEntry;
  readonly origin?: Origin;
}

/**
 * Changes over a tree that stays as it is: what is put here makes a layer. Sees its own changes, as a file system would.
 */
export class TreeEditor {
  readonly #base: FileTree;
  readonly #added = new Map<string, Added>();
  readonly #children = new Map<string, Set<string>>();
  /** Paths whose lower content is hidden: a folder put where something else was. */
  readonly #hidden = new Set<string>();
  /** Which folders are below one of these, or below what isn't a folder any more. */
  readonly #hiding = new Map<string, boolean>();
  readonly #mtime: number;

  /** `mtime`: what folders that are made on the way get, seconds. */
  constructor(base: FileTree, mtime: number) {
    this.#base = base;
    this.#mtime = mtime;
  }

  get(path: string): TreeEntry | undefined {
    const added = this.#added.get(path);
    if (added !== undefined) return { ...added.entry, path };
    if (path !== '' && this.#hides(parentPath(path))) return undefined;
    return this.#base.get(path);
  }

  /** Whether what the base has in the folder is gone. What is found is remembered until a folder is replaced. */
  #hides(folder: string): boolean {
    const open: string[] = [];
    let hides: boolean | undefined;
    for (let at = folder; hides === undefined; at = parentPath(at)) {
      hides = this.#hiding.get(at);
      if (hides !== undefined) break;
      open.push(at);
      const added = at === '' ? undefined : this.#added.get(at);
      if (this.#hidden.has(at) || (added !== undefined && added.entry.type !== 'dir')) hides = true;
      else if (at === '') hides = false;
    }
    for (const at of open) this.#hiding.set(at, hides);
    return hides;
  }

  list(path: string): readonly string[] {
    const added = this.#children.get(path) ?? [];
    return [...new Set([...(this.#hides(path) ? [] : this.#base.list(path)), ...added])].sort(comparePaths);
  }

  /** Symlink-free form of `path`, changes counted in. */
  resolve(path: string, options: { readonly followLast: boolean } = { followLast: true }): string {
    return resolvePath(this, path, options);
  }

  /** Puts an entry, replacing what is there; a folder over a folder keeps what is in it. */
  put(path: string, entry: NewEntry, origin?: Origin): void {
    const before = this.get(path);
    if (before !== undefined && (before.type === 'dir') !== (entry.type === 'dir')) {
      if (before.type === 'dir') this.#forget(path);
      else this.#hidden.add(path);
      this.#hiding.clear();
    }
    this.#added.set(path, { entry, ...(origin && { origin }) });
    if (path === '') return;
    const parent = parentPath(path);
    const names = this.#children.get(parent);
    if (names) names.add(path.slice(parent === '' ? 0 : parent.length + 1));
    else this.#children.set(parent, new Set([path.slice(parent === '' ? 0 : parent.length + 1)]));
  }

  #forget(folder: string): void {
    for (const name of this.#children.get(folder) ?? []) {
      const path = joinPath(folder, name);
      this.#forget(path);
      this.#added.delete(path);
    }
    this.#children.delete(folder);
  }

  /**
   * Makes the folder and those above that are missing; follows symlinks on the way.
   * @returns the symlink-free path
   * @throws SOURCE_NOT_FOUND where a file is in the way
   */
  makeFolders(path: string, attributes: Owner & { readonly mode: number }): string {
    const real = this.resolve(path);
    for (const at of pathAndParents(real)) {
      const there = this.get(at);
      if (there === undefined) {
        const { uid, gid, mode } = attributes;
        this.put(at, { type: 'dir', mode, uid, gid, size: 0, mtime: this.#mtime });
      } else if (there.type !== 'dir') {
        throw fault('SOURCE_NOT_FOUND', `/${at} is not a folder`, {
          hint: 'Choose another destination, or remove the file in an earlier step.',
        });
      }
    }
    return real;
  }

  /** Origins of all new files, and the paths they have here. */
  *newFiles(): Generator<readonly [path: string, origin: Origin]> {
    for (const [path, { entry, origin }] of this.#added) {
      if (entry.type === 'file' && origin !== undefined) yield [path, origin];
    }
  }

  /**
   * The changes as a layer. Folders above a change stand in it with the attributes they have in the tree: unpackers
   * would else make them up. `digests` gives the content of new files by path.
   */
  finish(digests: ReadonlyMap<string, Digest>): LayerIndex {
    const entries = new Map<string, LayerEntry>();
    const firstNames = new Map<string, string>();
    const paths = [...this.#added.keys()].sort(comparePaths);
    for (const path of paths) {
      this.#addFolders(entries, parentPath(path));
      const { entry } = this.#added.get(path) as Added;
      const { inode, digest: known, ...plain } = entry;
      const first = inode === undefined ? undefined : firstNames.get(inode);
      if (first !== undefined) {
        // its content stands at the first name alone, as in a listing that is read again
        entries.set(path, { ...plain, path, type: 'hardlink', link: first, size: 0 });
        continue;
      }
      if (inode !== undefined) firstNames.set(inode, path);
      const digest = entry.type === 'file' ? (known ?? digests.get(path)) : undefined;
      entries.set(path, { ...plain, path, ...(digest && { digest }) });
    }
    return { entries: [...entries.values()].sort((a, b) => comparePaths(a.path, b.path)) };
  }

  /** The folder and those above it. */
  #addFolders(entries: Map<string, LayerEntry>, folder: string): void {
    for (let at = folder; at !== '' && !entries.has(at); at = parentPath(at)) {
      const entry = this.get(at);
      if (entry?.type !== 'dir') continue;
      const { uid, gid, mode, mtime } = entry;
      entries.set(at, { path: at, type: 'dir', uid, gid, mode, mtime, size: 0 });
    }
  }
}
