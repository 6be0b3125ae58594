import type { Digest } from '@onebuild/core';
import { pathComparer } from '../compare-paths.ts';
import type { EntryType, LayerEntry, LayerIndex } from '../layer-index.ts';
import { isCleanPath } from '../tar/clean-path.ts';
import { type LayerIndexColumns, typeLetters } from './layer-index-columns.ts';
import { invalidIndex, readIndexColumns } from './read-index-columns.ts';

const typesByLetter = new Map(
  Object.entries(typeLetters).map(([type, letter]) => [letter, type as EntryType]),
);

/**
 * Reads what `encodeLayerIndex` wrote. It may come through a registry, so all is checked that `LayerIndex` promises:
 * clean paths in order, types with what belongs to them, numbers in range, hard links to the first name of a file.
 * @throws MANIFEST_INVALID
 */
export function decodeLayerIndex(bytes: Uint8Array): LayerIndex {
  const columns = readIndexColumns(bytes);
  checkAttributes(columns.attributes);
  const entries = new EntryReader(columns).all();
  checkOrder(entries);
  checkHardLinks(entries);
  return { entries };
}

/** Walks all columns at once; each sparse column has its own position. */
class EntryReader {
  readonly #columns: LayerIndexColumns;
  readonly #xattrs: ReadonlyMap<number, Readonly<Record<string, string>>>;
  #file = 0;
  #link = 0;
  #device = 0;

  constructor(columns: LayerIndexColumns) {
    this.#columns = columns;
    this.#xattrs = new Map(columns.xattrs.map(readXattrs));
    if (this.#xattrs.size !== columns.xattrs.length) throw invalidIndex('an entry has its xattrs twice');
  }

  all(): LayerEntry[] {
    const { paths, sizes, links, devices } = this.#columns;
    const entries = paths.map((path, at) => this.#entry(path, at));
    const left = [sizes.length - this.#file, links.length - this.#link, devices.length - this.#device];
    if (left.some((count) => count !== 0)) throw invalidIndex('its columns do not fit its types');
    for (const at of this.#xattrs.keys()) {
      if (at >= paths.length) throw invalidIndex('it has xattrs of no entry');
    }
    return entries;
  }

  #entry(path: string, at: number): LayerEntry {
    const { types, owners, attributes, mtimes } = this.#columns;
    const type = typesByLetter.get(types.charAt(at));
    const owner = attributes[owners[at] ?? -1];
    if (type === undefined || owner === undefined) throw invalidIndex(`entry ${at} has no type or owner`);
    if (!isCleanPath(path) || (path === '' && type !== 'dir' && type !== 'opaque')) {
      throw invalidIndex(`${JSON.stringify(path)} is not a clean path`);
    }
    const [mode, uid, gid] = owner;
    const mtime = mtimes[at] ?? 0;
    const entry = this.#typed(type, { path, type, mode, uid, gid, size: 0, mtime });
    const xattrs = this.#xattrs.size > 0 ? this.#xattrs.get(at) : undefined;
    return xattrs ? { ...entry, xattrs } : entry;
  }

  #typed(type: EntryType, entry: LayerEntry): LayerEntry {
    const { digests, links, devices, sizes } = this.#columns;
    if (type === 'file') {
      const at = this.#file++;
      const size = sizes[at];
      if (size === undefined) throw invalidIndex('a file has no size');
      const digest = `sha256:${digests.slice(at * 64, at * 64 + 64)}` as Digest;
      return { ...entry, size, digest };
    }
    if (type === 'symlink' || type === 'hardlink') {
      const link = links[this.#link++];
      if (!link || link.includes('\0')) throw invalidIndex('a link has no target');
      return { ...entry, link };
    }
    if (type !== 'char' && type !== 'block') return entry;
    const device = devices[this.#device++];
    if (!device) throw invalidIndex('a device has no number');
    return { ...entry, device };
  }
}

function readXattrs([at, ...words]: readonly (number | string)[]): [number, Record<string, string>] {
  const pairs: [string, string][] = [];
  for (let word = 0; word + 1 < words.length; word += 2) {
    const name = String(words[word]);
    const value = String(words[word + 1]);
    if (name === '' || name.includes('\0') || Buffer.from(value, 'base64').toString('base64') !== value) {
      throw invalidIndex('an xattr is wrong');
    }
    pairs.push([name, value]);
  }
  return [Number(at), Object.fromEntries(pairs)];
}

function checkAttributes(attributes: LayerIndexColumns['attributes']): void {
  for (const [mode, uid, gid] of attributes) {
    if (mode > 0o7777 || uid > 0xffff_ffff || gid > 0xffff_ffff) {
      throw invalidIndex('a mode or owner is out of range');
    }
  }
}

function checkOrder(entries: readonly LayerEntry[]): void {
  const compare = pathComparer(entries);
  let before: LayerEntry | undefined;
  for (const entry of entries) {
    const order = before ? compare(before.path, entry.path) : -1;
    const marked = order === 0 && before?.type === 'dir' && entry.type === 'opaque';
    if (order >= 0 && !marked) throw invalidIndex(`${JSON.stringify(entry.path)} is not in order`);
    before = entry;
  }
}

/** A hard link's target is the bytewise first name, so it is known before. Only a whiteout or directory has no other names. */
function checkHardLinks(entries: readonly LayerEntry[]): void {
  if (!entries.some(({ type }) => type === 'hardlink')) return;
  const known = new Set<string>();
  for (const { path, type, link = '' } of entries) {
    if (type !== 'hardlink') {
      if (type !== 'dir' && type !== 'whiteout' && type !== 'opaque') known.add(path);
    } else if (!known.has(link)) {
      throw invalidIndex(`the hard link ${JSON.stringify(path)} has no target before it`);
    }
  }
}
