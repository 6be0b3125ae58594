import { lstatSync, mkdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Digest } from '@onebuild/core';
import { decodePath, type Descriptor, digestOf } from '@onebuild/oci';
import { temporaryFolder } from '@onebuild/testkit';
import { nativePath } from '../posix/native-path.ts';
import { listNames } from '../snapshot/read-entry.ts';
import { type RestoredMount, restoreMount, type RestoreMountOptions } from './restore-mount.ts';
import { type SavedMount, saveMount, type SaveMountOptions } from './save-mount.ts';

/** A place that keeps blobs in memory. */
export class Blobs {
  readonly bytes = new Map<Digest, Buffer>();
  sent = 0;

  readonly put: SaveMountOptions['put'] = async ({ descriptor, open }) => {
    const parts: Uint8Array[] = [];
    for await (const part of open(0)) parts.push(part);
    const bytes = Buffer.concat(parts);
    if (digestOf(bytes) !== descriptor.digest || bytes.length !== descriptor.size)
      throw new Error('a blob is not what its descriptor says');
    const isNew = !this.bytes.has(descriptor.digest);
    this.bytes.set(descriptor.digest, bytes);
    const sentBytes = isNew ? bytes.length : 0;
    this.sent += sentBytes;
    return { sentBytes };
  };

  async *open({ digest }: Descriptor): AsyncIterable<Uint8Array> {
    const bytes = this.bytes.get(digest);
    if (bytes === undefined) return;
    for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
  }
}

export const today = 20_000;

/** Saves a folder again and again. */
export class Saver {
  readonly blobs: Blobs;
  last: SavedMount | undefined;

  constructor(blobs = new Blobs()) {
    this.blobs = blobs;
  }

  async save(folder: string, options: Partial<SaveMountOptions> = {}): Promise<SavedMount | 'unchanged'> {
    const { last } = this;
    const saved = await saveMount({
      folder,
      ...(last && { before: { listing: last.listing.bytes, state: last.state } }),
      packs: new Map(last?.packs.map((pack) => [pack.digest, pack])),
      put: this.blobs.put,
      secrets: [],
      facts: () => [],
      day: today,
      signal: new AbortController().signal,
      ...options,
    });
    if (saved !== 'unchanged') this.last = saved;
    return saved;
  }

  /** As `save`, of a folder of which something is new. */
  async saveNew(folder: string, options: Partial<SaveMountOptions> = {}): Promise<SavedMount> {
    const saved = await this.save(folder, options);
    if (saved === 'unchanged') throw new Error('nothing is new');
    return saved;
  }

  async restore(folder: string, options: Partial<RestoreMountOptions> = {}): Promise<RestoredMount> {
    const { last, blobs } = this;
    if (last === undefined) throw new Error('nothing was saved');
    mkdirSync(folder, { recursive: true });
    return restoreMount({
      listing: last.listing.bytes,
      packs: new Map(last.packs.map((pack) => [pack.digest, pack])),
      open: (descriptor) => blobs.open(descriptor),
      folder,
      rootless: false,
      signal: new AbortController().signal,
      ...options,
    });
  }
}

export function newFolders(t?: TestContext): { readonly source: string; readonly target: string } {
  const scratch = temporaryFolder(t);
  const source = join(scratch, 'source');
  mkdirSync(source);
  return { source, target: join(scratch, 'target') };
}

/** All that a snapshot promises to keep of a folder, by path. */
export function describeFolder(folder: string): Readonly<Record<string, string>> {
  const described: Record<string, string> = {};
  const names = new Map<bigint, string>();
  const visit = (path: string): void => {
    const at = nativePath(path === '' ? folder : `${folder}/${path}`);
    const stat = lstatSync(at, { bigint: true });
    const common = `${stat.mode.toString(8)} ${stat.uid}:${stat.gid} ${stat.mtimeNs}`;
    if (stat.isFile()) {
      const sameFile = names.get(stat.ino) ?? path;
      names.set(stat.ino, sameFile);
      described[path] = `${common} ${digestOf(readFileSync(at))} ${sameFile}`;
    } else if (stat.isSymbolicLink()) {
      described[path] = `${common} ${decodePath(readlinkSync(at, 'buffer'))}`;
    } else if (stat.isDirectory()) {
      described[path] = common;
      for (const name of [...listNames(path === '' ? folder : `${folder}/${path}`)].sort())
        visit(path === '' ? name : `${path}/${name}`);
    }
  };
  visit('');
  return described;
}
