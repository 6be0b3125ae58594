import type { Digest } from '@onebuild/core';
import { comparePaths, decodePath, encodePath, isCleanPath } from '@onebuild/oci';
import { parentPath } from '../tree/path.ts';
import { type ListingColumns, typeLetters } from './listing-columns.ts';
import { type ChunkPlace, type MountEntry, type MountListing, mountLimits } from './mount-listing.ts';
import { damagedListing, readListingColumns } from './read-columns.ts';

const typesByLetter = new Map(
  Object.entries(typeLetters).map(([type, letter]) => [letter, type as MountEntry['type']]),
);

/**
 * Reads what `encodeMountListing` wrote. It may come through a registry, so all is checked that {@link MountListing} promises: clean paths in
 * order, each below folders of the listing, hard links to files before them, chunks inside their packs, nothing that needs more room than
 * {@link mountLimits}.
 * @throws CACHE_DAMAGED
 */
export function decodeMountListing(bytes: Uint8Array): MountListing {
  const columns = readListingColumns(bytes);
  const { order, chunks } = readChunks(columns);
  const entries = readEntries(columns, order);
  checkEntries(entries);
  checkSize(entries, chunks);
  return { entries, chunks, facts: columns.facts };
}

function readChunks(columns: ListingColumns): {
  readonly order: readonly string[];
  readonly chunks: ReadonlyMap<string, ChunkPlace>;
} {
  const { packs, packCounts, gaps, lengths, rawLengths, digests } = columns;
  const order: string[] = [];
  const chunks = new Map<string, ChunkPlace>();
  for (const [number, hash] of packs.entries()) {
    const pack = `sha256:${hash}` as Digest;
    let end = 0;
    let unpacked = 0;
    for (let left = packCounts[number] ?? 0; left > 0; left--) {
      const at = order.length;
      if (at >= lengths.length) throw damagedListing('has packs of more chunks than there are');
      const [length = 0, rawLength = 0] = [lengths[at], rawLengths[at]];
      const offset = end + (gaps[at] ?? 0);
      end = offset + length;
      unpacked += rawLength;
      if (length === 0 || length > rawLength || rawLength > mountLimits.chunk)
        throw damagedListing('has a chunk of a wrong size');
      if (end > mountLimits.pack || unpacked > mountLimits.pack)
        throw damagedListing('has a pack that is too large');
      const digest = digests.slice(at * 64, at * 64 + 64);
      order.push(digest);
      chunks.set(digest, { pack, offset, length, rawLength });
    }
  }
  if (order.length !== lengths.length) throw damagedListing('has chunks in no pack');
  if (chunks.size !== order.length) throw damagedListing('has a chunk twice');
  return { order, chunks };
}

function readEntries(columns: ListingColumns, order: readonly string[]): readonly MountEntry[] {
  const { types, owners, attributes, seconds, nanoseconds, links, used, counts } = columns;
  const chunksOf = chunkReader(columns, order);
  let [file, link] = [0, 0];
  const entries = columns.paths.map((path, at): MountEntry => {
    const type = typesByLetter.get(types.charAt(at));
    const owner = attributes[owners[at] ?? -1];
    if (type === undefined || owner === undefined) throw damagedListing('has an entry without type or owner');
    const [mode, uid, gid] = owner;
    const time = { seconds: seconds[at] ?? 0, nanoseconds: nanoseconds[at] ?? 0 };
    const entry = { path, type, mode, uid, gid, ...time };
    if (type === 'dir') return entry;
    if (type === 'file') {
      const number = file++;
      return { ...entry, chunks: chunksOf(counts[number]), used: used[number] ?? 0 };
    }
    return { ...entry, link: links[link++] ?? '' };
  });
  if (file !== counts.length || link !== links.length) throw damagedListing('has columns of other entries');
  chunksOf(undefined);
  return entries;
}

/** Gives the next `count` chunks of the column; with undefined it makes sure that none is left. */
function chunkReader(
  { chunks }: ListingColumns,
  order: readonly string[],
): (count: number | undefined) => readonly string[] {
  let at = 0;
  let next = 0;
  return (count) => {
    if (count === undefined ? at !== chunks.length : at + count > chunks.length)
      throw damagedListing('has files with other chunks than there are');
    return chunks.slice(at, (at += count ?? 0)).map((distance) => {
      const position = next + distance;
      next = position + 1;
      const digest = order[position];
      if (digest === undefined) throw damagedListing('names a chunk that it does not have');
      return digest;
    });
  };
}

/** No path is twice or outside, and none leads through anything but folders of the listing. */
function checkEntries(entries: readonly MountEntry[]): void {
  const [folders, files] = [new Set<string>(), new Set<string>()];
  let before: string | undefined;
  for (const { path, type, link = '' } of entries) {
    if (!isWholePath(path)) throw damagedListing(`has the path ${shown(path)}`);
    if (before === undefined ? path !== '' || type !== 'dir' : comparePaths(before, path) >= 0)
      throw damagedListing(`has ${shown(path)} out of order`);
    if (path !== '' && !folders.has(parentPath(path)))
      throw damagedListing(`has ${shown(path)} in no folder`);
    if (type === 'dir') folders.add(path);
    if (type === 'file') files.add(path);
    if (type === 'hardlink' && !files.has(link))
      throw damagedListing(`has the hard link ${shown(path)} to no file before it`);
    if (type === 'symlink' && (link === '' || link.includes('\0') || !isOfBytes(link)))
      throw damagedListing(`has the link ${shown(path)} to nothing`);
    before = path;
  }
  if (entries.length === 0) throw damagedListing('is empty');
}

function isWholePath(path: string): boolean {
  return isCleanPath(path) && isOfBytes(path) && Buffer.byteLength(path) <= mountLimits.path;
}

/** Whether it is the one text of its bytes: else two paths could be one on the disk. */
function isOfBytes(path: string): boolean {
  return path.isWellFormed() || decodePath(encodePath(path)) === path;
}

function checkSize(entries: readonly MountEntry[], chunks: MountListing['chunks']): void {
  let size = 0;
  for (const entry of entries) size += fileSize(entry, chunks);
  if (size > mountLimits.files) throw damagedListing('has more bytes than a cache mount may have');
}

/** Bytes of a file; 0 for all else. */
export function fileSize(entry: MountEntry, chunks: MountListing['chunks']): number {
  let size = 0;
  for (const digest of entry.chunks ?? []) size += chunks.get(digest)?.rawLength ?? 0;
  return size;
}

function shown(path: string): string {
  return JSON.stringify(path.slice(0, 100));
}
