import * as fs from 'node:fs';
import { isFault } from '@onebuild/core';
import { type NativePath, nativePath } from '../posix/native-path.ts';
import { layerFault } from '../snapshot/layer-fault.ts';
import { type FileState, fileState } from './disk-state.ts';
import { mountDamaged } from './mount-damaged.ts';
import type { MountEntry, MountListing } from './mount-listing.ts';
import type { SetTimes } from './set-times.ts';

interface Target {
  readonly entry: MountEntry;
  /** Where the chunk goes in the file. */
  readonly offset: number;
}

interface Progress {
  /** Chunks that are to come. */
  left: number;
  isThere: boolean;
}

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = fs.constants;

/**
 * Fills an empty folder with the paths of a listing, which `decodeMountListing` has checked: all goes into folders that this class made, and
 * links are made last, so nothing is ever written through one. Files get their times of access like those of their change, so that
 * `relatime` notes the next read.
 */
export class PlacedFiles {
  readonly #folder: string;
  readonly #listing: MountListing;
  readonly #options: { readonly times: SetTimes; readonly rootless: boolean };
  readonly #targets = new Map<string, Target[]>();
  readonly #progress = new Map<MountEntry, Progress>();
  readonly #states = new Map<string, FileState>();

  constructor(
    folder: string,
    listing: MountListing,
    options: { readonly times: SetTimes; readonly rootless: boolean },
  ) {
    this.#folder = folder;
    this.#listing = listing;
    this.#options = options;
    for (const entry of listing.entries) this.#plan(entry);
  }

  /** Folders, and files without content. */
  begin(): void {
    for (const entry of this.#listing.entries) {
      if (entry.type === 'dir' && entry.path !== '')
        this.#guard(entry, () => fs.mkdirSync(this.#at(entry.path), 0o700));
      if (entry.type === 'file' && entry.chunks?.length === 0) this.#write(entry, []);
    }
  }

  /** Chunks that are there now, by digest, into all files that they are in. */
  put(chunks: ReadonlyMap<string, Uint8Array>): void {
    const writes = new Map<MountEntry, [offset: number, bytes: Uint8Array][]>();
    for (const [digest, bytes] of chunks) {
      for (const { entry, offset } of this.#targets.get(digest) ?? []) {
        const known = writes.get(entry);
        if (known === undefined) writes.set(entry, [[offset, bytes]]);
        else known.push([offset, bytes]);
      }
    }
    for (const [entry, parts] of writes) this.#write(entry, parts);
  }

  /** Links, and what folders have besides their names. */
  finish(): void {
    const { entries } = this.#listing;
    const { times } = this.#options;
    for (const entry of entries) {
      if (entry.type !== 'symlink' && entry.type !== 'hardlink') continue;
      this.#guard(entry, () => {
        const at = this.#at(entry.path);
        const { link = '' } = entry;
        if (entry.type === 'hardlink') {
          fs.linkSync(this.#at(link), at);
          // a new name is a change of the file
          this.#states.set(link, fileState(fs.lstatSync(at, { bigint: true })));
          return;
        }
        fs.symlinkSync(nativePath(link), at);
        fs.lchownSync(at, entry.uid, entry.gid);
        times.ofPath(at, entry);
      });
    }
    // what is in a folder comes after it
    for (const entry of entries.toReversed()) {
      if (entry.type !== 'dir') continue;
      this.#guard(entry, () => {
        const at = this.#at(entry.path);
        fs.chownSync(at, entry.uid, entry.gid);
        fs.chmodSync(at, entry.mode);
        times.ofPath(at, entry);
      });
    }
  }

  /** Of the files, in the listing's order. */
  get states(): readonly (FileState | undefined)[] {
    return this.#listing.entries.flatMap(({ type, path }) =>
      type === 'file' ? [this.#states.get(path)] : [],
    );
  }

  #plan(entry: MountEntry): void {
    let offset = 0;
    for (const digest of entry.chunks ?? []) {
      const targets = this.#targets.get(digest);
      if (targets === undefined) this.#targets.set(digest, [{ entry, offset }]);
      else targets.push({ entry, offset });
      offset += this.#listing.chunks.get(digest)?.rawLength ?? 0;
    }
    if (entry.type === 'file') this.#progress.set(entry, { left: entry.chunks?.length ?? 0, isThere: false });
  }

  #write(entry: MountEntry, parts: readonly (readonly [offset: number, bytes: Uint8Array])[]): void {
    const progress = this.#progress.get(entry);
    if (progress === undefined) return;
    this.#guard(entry, () => {
      const flags = progress.isThere ? 0 : O_CREAT | O_EXCL;
      const fd = fs.openSync(this.#at(entry.path), O_WRONLY | O_NOFOLLOW | flags, 0o600);
      try {
        progress.isThere = true;
        for (const [offset, bytes] of parts) writeAll(fd, bytes, offset);
        progress.left -= parts.length;
        if (progress.left > 0) return;
        fs.fchownSync(fd, entry.uid, entry.gid);
        fs.fchmodSync(fd, entry.mode);
        this.#options.times.ofFile(fd, entry);
        this.#states.set(entry.path, fileState(fs.fstatSync(fd, { bigint: true })));
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  #at(path: string): NativePath {
    return nativePath(path === '' ? this.#folder : `${this.#folder}/${path}`);
  }

  #guard(entry: MountEntry, work: () => void): void {
    try {
      work();
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      const known = layerFault(error, entry.path, this.#options);
      if (code === 'EEXIST' || isFault(known, 'TAR_INVALID'))
        throw mountDamaged(`${JSON.stringify(entry.path.slice(0, 200))} cannot be made`, error);
      throw known;
    }
  }
}

function writeAll(fd: number, bytes: Uint8Array, offset: number): void {
  for (let at = 0; at < bytes.length; ) at += fs.writeSync(fd, bytes, at, bytes.length - at, offset + at);
}
