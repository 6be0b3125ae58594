import { lstatSync, lutimesSync, type Stats } from 'node:fs';
import { fault, isFault } from '@onebuild/core';
import { comparePaths, type LayerEntry, type LayerIndex, sortByPath } from '@onebuild/oci';
import { nativePath } from '../posix/native-path.ts';
import { loadPosix, type Posix } from '../posix/posix.ts';
import type { FileTree, TreeEntry } from '../tree/file-tree.ts';
import { joinPath, parentPath, pathAndParents } from '../tree/path.ts';
import { type KeepXattr, keepCapabilities, withoutOverlayOwn } from './keep-xattr.ts';
import { layerFault } from './layer-fault.ts';
import { createOverlayMarks, isWhiteout, type OverlayMarks } from './overlay-marks.ts';
import { readDigest } from './read-digest.ts';
import { listNames, readEntry } from './read-entry.ts';
import { sameAttributes } from './same-attributes.ts';
import { createYielder } from './yield-now-and-then.ts';

export interface DiffOptions {
  /** What lay below before. */
  readonly base: Pick<FileTree, 'get' | 'digests'>;
  readonly rootless: boolean;
  readonly signal?: AbortSignal;
  readonly keepXattr?: KeepXattr;
  /**
   * The time an entry gets instead of the one it has (seconds). It is set on the files, too, so that later steps see
   * what the layer says; those that did not change get the time of what lies below.
   */
  readonly setMtime?: (mtime: number) => number;
  /** Files that differ in their time alone have changed, too. Not folders: working in them touches them. */
  readonly compareMtime?: boolean;
}

/**
 * What a command changed: the layer in `upper`, an upper folder of overlayfs that nothing writes to any more.
 *
 * What equals the base (a copy-up without a change) is left out. Folders above a change stand in the layer even when
 * they did not change, since unpackers would make them up otherwise. Names of one file: the bytewise first is the
 * `file`. Sockets are left out. Only whiteouts and opaque folders that hide something are told.
 * @throws DISK_FULL, FILE_ACCESS, CANCELED
 */
export async function diffUpper(upper: string, options: DiffOptions): Promise<LayerIndex> {
  const diff = new UpperDiff(upper, await loadPosix(), options);
  try {
    await diff.walk();
  } catch (error) {
    if (options.signal?.aborted && !isFault(error)) throw fault('CANCELED', 'reading changes was canceled');
    throw layerFault(error, upper, options);
  }
  return diff.finish();
}

interface FoundFile {
  readonly entry: LayerEntry;
  readonly hidden: boolean;
}

class UpperDiff {
  readonly #upper: string;
  readonly #posix: Posix;
  readonly #marks: OverlayMarks;
  readonly #options: DiffOptions;
  readonly #keepXattr: KeepXattr;
  readonly #changed = new Map<string, LayerEntry>();
  /** Folders of `upper` by path, changed or not. */
  readonly #folders = new Map<string, LayerEntry>();
  readonly #opaque: LayerEntry[] = [];
  /** Files with more than one name, by inode. */
  readonly #linked = new Map<string, FoundFile[]>();

  constructor(upper: string, posix: Posix, options: DiffOptions) {
    this.#upper = upper;
    this.#posix = posix;
    this.#options = options;
    this.#marks = createOverlayMarks(posix, options);
    this.#keepXattr = withoutOverlayOwn(options.keepXattr ?? keepCapabilities);
  }

  async walk(): Promise<void> {
    const now = createYielder(this.#options.signal);
    /** `hidden`: nothing below shines through here. */
    const pending: { readonly path: string; readonly hidden: boolean }[] = [{ path: '', hidden: false }];
    this.#takeFolder('', lstatSync(this.#upper), false);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      for (const name of listNames(this.#at(next.path))) {
        const pause = now();
        if (pause) await pause;
        const path = joinPath(next.path, name);
        const stat = lstatSync(nativePath(this.#at(path)));
        if (stat.isDirectory()) {
          pending.push({ path, hidden: this.#takeFolder(path, stat, next.hidden) });
        } else if (isWhiteout(stat)) {
          this.#takeWhiteout(path, next.hidden);
        } else {
          await this.#takeOther(path, stat, next.hidden);
        }
      }
    }
    await this.#takeLinked();
  }

  finish(): LayerIndex {
    const changes = [...this.#changed.keys()];
    for (const path of changes) {
      for (const above of pathAndParents(parentPath(path))) {
        const folder = this.#folders.get(above);
        if (folder) this.#changed.set(above, folder);
      }
    }
    for (const { path } of this.#opaque) {
      const folder = this.#folders.get(path);
      if (folder) this.#changed.set(path, folder);
    }
    // Stable: an opaque mark comes after its folder.
    return { entries: sortByPath([...this.#changed.values(), ...this.#opaque]) };
  }

  /** @returns whether what is in the folder hides all below */
  #takeFolder(path: string, stat: Stats, hidden: boolean): boolean {
    const entry = this.#read(path, stat) as LayerEntry;
    const base = hidden ? undefined : this.#options.base.get(path);
    const same = base !== undefined && this.#isSame(entry, base);
    const settled = this.#settle(entry, base, same);
    this.#folders.set(path, settled);
    if (!same && (path !== '' || base !== undefined)) this.#changed.set(path, settled);
    const opaque = this.#marks.isOpaque(nativePath(this.#at(path)));
    if (opaque && base?.type === 'dir') {
      this.#opaque.push({ path, type: 'opaque', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 });
    }
    return hidden || opaque || (path !== '' && base?.type !== 'dir');
  }

  #takeWhiteout(path: string, hidden: boolean): void {
    if (hidden || this.#options.base.get(path) === undefined) return;
    this.#changed.set(path, { path, type: 'whiteout', mode: 0, uid: 0, gid: 0, size: 0, mtime: 0 });
  }

  async #takeOther(path: string, stat: Stats, hidden: boolean): Promise<void> {
    const entry = this.#read(path, stat);
    if (entry === undefined) {
      this.#takeWhiteout(path, hidden);
      return;
    }
    if (entry.type !== 'file') {
      await this.#takePlain(entry, hidden);
      return;
    }
    const names = stat.nlink > 1 ? this.#namesOf(stat) : [];
    const digest = names[0]?.entry.digest ?? (await this.#digest(path, stat));
    if (stat.nlink > 1) names.push({ entry: { ...entry, digest }, hidden });
    else await this.#takePlain({ ...entry, digest }, hidden);
  }

  #namesOf({ dev, ino }: Stats): FoundFile[] {
    const inode = `${dev}:${ino}`;
    const names = this.#linked.get(inode) ?? [];
    this.#linked.set(inode, names);
    return names;
  }

  async #takePlain(entry: LayerEntry, hidden: boolean): Promise<void> {
    const base = hidden ? undefined : this.#options.base.get(entry.path);
    const same = base !== undefined && this.#isSame(entry, base) && (await this.#hasDigest(entry));
    const settled = this.#settle(entry, base, same);
    if (!same) this.#changed.set(entry.path, settled);
  }

  /** Several names are always told: overlayfs gives a name that it copies up a file of its own, so their bond is new. */
  async #takeLinked(): Promise<void> {
    for (const files of this.#linked.values()) {
      const [first, ...others] = files.sort((one, other) => comparePaths(one.entry.path, other.entry.path));
      if (first === undefined) continue;
      if (others.length === 0) {
        await this.#takePlain(first.entry, first.hidden);
        continue;
      }
      const carrier = this.#settle(first.entry, undefined, false);
      this.#changed.set(carrier.path, carrier);
      const { digest: _, xattrs: __, ...rest } = carrier;
      for (const { entry } of others) {
        this.#changed.set(entry.path, {
          ...rest,
          path: entry.path,
          type: 'hardlink',
          link: carrier.path,
          size: 0,
        });
      }
    }
  }

  #isSame(entry: LayerEntry, base: TreeEntry): boolean {
    const { compareMtime = false } = this.#options;
    return sameAttributes(entry, base, { compareMtime, keepXattr: this.#keepXattr });
  }

  async #hasDigest({ type, path, digest }: LayerEntry): Promise<boolean> {
    if (type !== 'file') return true;
    const [below] = await this.#options.base.digests([path], this.#options.signal);
    return below === digest;
  }

  /** The entry with the time it shall have, which the file gets, too. */
  #settle(entry: LayerEntry, base: TreeEntry | undefined, same: boolean): LayerEntry {
    const { setMtime } = this.#options;
    if (setMtime === undefined) return entry;
    const mtime = same && base ? base.mtime : setMtime(entry.mtime);
    const seconds = Math.max(0, mtime);
    lutimesSync(nativePath(this.#at(entry.path)), seconds, seconds);
    return { ...entry, mtime };
  }

  #read(path: string, stat: Stats): LayerEntry | undefined {
    return readEntry(this.#posix, stat, {
      path,
      at: nativePath(this.#at(path)),
      keepXattr: this.#keepXattr,
    });
  }

  async #digest(path: string, stat: Stats): Promise<NonNullable<LayerEntry['digest']>> {
    const { digest } = await readDigest(nativePath(this.#at(path)), stat.size, this.#options.signal);
    return digest;
  }

  #at(path: string): string {
    return path === '' ? this.#upper : `${this.#upper}/${path}`;
  }
}
