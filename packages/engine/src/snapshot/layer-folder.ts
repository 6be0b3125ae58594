import * as fs from 'node:fs';
import { fault } from '@onebuild/core';
import type { EntryType, LayerEntry } from '@onebuild/oci';
import { type NativePath, nativePath } from '../posix/native-path.ts';
import type { Posix } from '../posix/posix.ts';
import { cleanPath } from '../tree/path.ts';
import type { KeepXattr } from './keep-xattr.ts';
import { layerFault } from './layer-fault.ts';
import { createOverlayMarks, type OverlayMarks } from './overlay-marks.ts';
import {
  type AttributeOptions,
  type Attributes,
  setAttributes,
  setFileAttributes,
  setLinkAttributes,
} from './set-attributes.ts';

interface Folder {
  readonly children: Map<string, Folder | Leaf>;
  attributes: Attributes;
}

/** `absent`: a device that a user namespace cannot make. */
type Leaf = Extract<EntryType, 'file' | 'symlink' | 'char' | 'block' | 'fifo' | 'whiteout'> | 'absent';

const implied: Attributes = { mode: 0o755, uid: 0, gid: 0, mtime: 0 };

export interface LayerFolderOptions {
  readonly rootless: boolean;
  readonly keepXattr: KeepXattr;
}

/**
 * Fills an empty folder with one layer in overlayfs form. It remembers what it made and goes only through real folders
 * of its own making, so nothing is ever written outside, whatever paths and links it is told: what stands in the way
 * of a path is replaced. Folders that no entry names are made with mode 0755, owner 0:0 and time 0.
 *
 * Folders get their attributes in `finish`. In a user namespace block and character devices can't be made: they are left out, as Podman does.
 */
export class LayerFolder {
  readonly #dir: string;
  readonly #posix: Posix;
  readonly #marks: OverlayMarks;
  readonly #options: LayerFolderOptions;
  readonly #attributes: AttributeOptions;
  readonly #root: Folder = { children: new Map(), attributes: implied };
  #lastParent = '';
  #lastFolder = this.#root;

  constructor(dir: string, posix: Posix, options: LayerFolderOptions) {
    this.#dir = dir;
    this.#posix = posix;
    this.#marks = createOverlayMarks(posix, options);
    this.#options = options;
    this.#attributes = { posix, keepXattr: options.keepXattr };
  }

  makeFolder(path: string, attributes: Attributes): void {
    this.#guard(path, () => {
      const folder = this.#enter(path);
      folder.attributes = attributes;
    });
  }

  makeOpaque(path: string): void {
    this.#guard(path, () => {
      this.#enter(path);
      this.#marks.makeOpaque(this.#at(path));
    });
  }

  /** Hides what lower layers have at the path; what this layer itself has there stays (layer.md#whiteouts). */
  makeWhiteout(path: string): void {
    this.#guard(path, () => {
      const there = this.#find(path);
      if (there === undefined) this.#marks.makeWhiteout(this.#place(path, 'whiteout'));
      else if (typeof there === 'object') this.#marks.makeOpaque(this.#at(path));
    });
  }

  /** Opens a new file for writing; its attributes come with `closeFile`. */
  openFile(path: string): number {
    return this.#guard(path, () =>
      fs.openSync(
        this.#place(path, 'file'),
        fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_EXCL,
        0o600,
      ),
    );
  }

  closeFile(path: string, fd: number, attributes: Attributes): void {
    this.#guard(path, () => {
      try {
        setFileAttributes(this.#at(path), attributes, { fd, ...this.#attributes });
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  /** Takes the file that `make` puts at the path it is given. */
  putFile(path: string, attributes: Attributes, make: (at: NativePath) => void): void {
    this.#guard(path, () => {
      const at = this.#place(path, 'file');
      make(at);
      setAttributes(at, attributes, this.#attributes);
    });
  }

  makeSymlink(path: string, target: string, attributes: Attributes): void {
    this.#guard(path, () => {
      const at = this.#place(path, 'symlink');
      fs.symlinkSync(nativePath(target), at);
      setLinkAttributes(at, attributes, this.#attributes);
    });
  }

  /** @throws TAR_INVALID when `target` isn't in this folder, or is a folder */
  makeHardlink(path: string, target: string): void {
    this.#guard(path, () => {
      if (path === target) return;
      const there = this.#find(target);
      if (there === undefined || typeof there === 'object' || there === 'whiteout') {
        throw fault(
          'TAR_INVALID',
          `the hard link ${path} points at ${target}, which is no file of its layer`,
        );
      }
      if (there === 'absent') return;
      const at = this.#place(path, there);
      // What stood in the way may have held the target.
      if (this.#find(target) !== there)
        throw fault('TAR_INVALID', `the hard link ${path} replaces its own target`);
      fs.linkSync(this.#at(target), at);
    });
  }

  /** A character device 0:0 is a whiteout, as it is on a disk. */
  makeDevice(
    path: string,
    type: 'char' | 'block' | 'fifo',
    entry: Attributes & Pick<LayerEntry, 'device'>,
  ): void {
    this.#guard(path, () => {
      const device = entry.device ?? [0, 0];
      if (type === 'char' && device[0] === 0 && device[1] === 0) {
        this.#marks.makeWhiteout(this.#place(path, 'whiteout'));
        return;
      }
      if (type !== 'fifo' && this.#options.rootless) {
        this.#place(path, 'absent');
        return;
      }
      const at = this.#place(path, type);
      this.#posix.makeNode(at, nodeType[type], device);
      setAttributes(at, entry, this.#attributes);
    });
  }

  /** Gives the folders their attributes, the deepest first. */
  finish(): void {
    this.#guard('', () => this.#finishFolder('', this.#root));
  }

  #finishFolder(path: string, folder: Folder): void {
    const pending: [string, Folder][] = [[path, folder]];
    const order: [string, Folder][] = [];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      order.push(next);
      for (const [name, child] of next[1].children) {
        if (typeof child === 'object') pending.push([join(next[0], name), child]);
      }
    }
    for (const [at, { attributes }] of order.reverse())
      setAttributes(this.#at(at), attributes, this.#attributes);
  }

  #at(path: string): NativePath {
    return nativePath(path === '' ? this.#dir : `${this.#dir}/${path}`);
  }

  #find(path: string): Folder | Leaf | undefined {
    let at: Folder | Leaf | undefined = this.#root;
    if (path === '') return at;
    for (const name of path.split('/')) {
      if (typeof at !== 'object') return undefined;
      at = at.children.get(name);
    }
    return at;
  }

  /** The folder at `path`, made with those above it where there is none. */
  #enter(path: string): Folder {
    if (path === this.#lastParent) return this.#lastFolder;
    let folder = this.#root;
    let at = '';
    for (const name of path === '' ? [] : path.split('/')) {
      at = join(at, name);
      const there: Folder | Leaf | undefined = folder.children.get(name);
      folder = typeof there === 'object' ? there : this.#newFolder(folder, name, at);
    }
    this.#lastParent = path;
    this.#lastFolder = folder;
    return folder;
  }

  #newFolder(parent: Folder, name: string, path: string): Folder {
    const at = this.#at(path);
    const before = parent.children.get(name);
    if (before !== undefined && before !== 'absent') fs.unlinkSync(at);
    fs.mkdirSync(at, 0o700);
    if (before === 'whiteout') this.#marks.makeOpaque(at);
    const made: Folder = { children: new Map(), attributes: implied };
    parent.children.set(name, made);
    return made;
  }

  /** Makes room for something that is not a folder. */
  #place(path: string, leaf: Leaf): NativePath {
    if (path === '') throw fault('TAR_INVALID', 'the root of a layer is not a folder');
    const slash = path.lastIndexOf('/');
    const parent = this.#enter(slash < 0 ? '' : path.slice(0, slash));
    const name = path.slice(slash + 1);
    const before = parent.children.get(name);
    const at = this.#at(path);
    if (typeof before === 'object') {
      fs.rmSync(at, { recursive: true });
      this.#lastParent = '';
      this.#lastFolder = this.#root;
    } else if (before !== undefined && before !== 'absent') {
      fs.unlinkSync(at);
    }
    parent.children.set(name, leaf);
    return at;
  }

  #guard<T>(path: string, work: () => T): T {
    if (path.includes('\0') || cleanPath(path) !== path)
      throw fault('TAR_INVALID', `${JSON.stringify(path)} is no clean path`);
    try {
      return work();
    } catch (error) {
      throw layerFault(error, path, this.#options);
    }
  }
}

const nodeType = {
  char: fs.constants.S_IFCHR,
  block: fs.constants.S_IFBLK,
  fifo: fs.constants.S_IFIFO,
} as const;

function join(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
