import type { Digest } from '@onebuild/core';
import { digestHex } from '@onebuild/oci';
import { type ListingColumns, listingFormat, typeLetters } from './listing-columns.ts';
import type { ChunkPlace, MountEntry, MountListing } from './mount-listing.ts';

/** Equal listings give equal bytes. Chunks that no file names are left out. See `listing-columns.ts`. */
export function encodeMountListing({ entries, chunks, facts }: MountListing): Uint8Array {
  const files = entries.flatMap((entry) => entry.chunks ?? []);
  const packs = packsOf(files, chunks);
  const order = [...packs.values()].flat();
  const positions = new Map(order.map(({ digest }, at) => [digest, at]));
  const columns: ListingColumns = {
    format: listingFormat,
    paths: entries.map(({ path }) => path),
    types: entries.map(({ type }) => typeLetters[type]).join(''),
    ...ownersOf(entries),
    seconds: entries.map(({ seconds }) => seconds),
    nanoseconds: entries.map(({ nanoseconds }) => nanoseconds),
    links: entries.flatMap(({ link }) => (link === undefined ? [] : [link])),
    used: entries.flatMap(({ type, used = 0 }) => (type === 'file' ? [used] : [])),
    counts: entries.flatMap((entry) => (entry.type === 'file' ? [entry.chunks?.length ?? 0] : [])),
    chunks: distances(files.map((digest) => positions.get(digest) ?? 0)),
    packs: [...packs.keys()].map(digestHex),
    packCounts: [...packs.values()].map((placed) => placed.length),
    gaps: [...packs.values()].flatMap(gapsOf),
    lengths: order.map(({ length }) => length),
    rawLengths: order.map(({ rawLength }) => rawLength),
    digests: order.map(({ digest }) => digest).join(''),
    facts,
  };
  return Buffer.from(JSON.stringify(columns));
}

interface Placed extends ChunkPlace {
  readonly digest: string;
}

/** The chunks in use by pack, in the order in which packs are named first, and of their offsets. */
function packsOf(files: readonly string[], chunks: MountListing['chunks']): ReadonlyMap<Digest, Placed[]> {
  const packs = new Map<Digest, Placed[]>();
  for (const digest of new Set(files)) {
    const place = chunks.get(digest);
    if (place === undefined) continue;
    const placed = packs.get(place.pack);
    if (placed === undefined) packs.set(place.pack, [{ ...place, digest }]);
    else placed.push({ ...place, digest });
  }
  for (const placed of packs.values()) placed.sort((one, other) => one.offset - other.offset);
  return packs;
}

function gapsOf(placed: readonly Placed[]): readonly number[] {
  let end = 0;
  return placed.map(({ offset, length }) => {
    const gap = offset - end;
    end = offset + length;
    return gap;
  });
}

function distances(positions: readonly number[]): readonly number[] {
  let next = 0;
  return positions.map((position) => {
    const distance = position - next;
    next = position + 1;
    return distance;
  });
}

function ownersOf(entries: readonly MountEntry[]): Pick<ListingColumns, 'owners' | 'attributes'> {
  const known = new Map<string, number>();
  const attributes: [number, number, number][] = [];
  const owners = entries.map(({ mode, uid, gid }) => {
    const key = `${mode},${uid},${gid}`;
    const position = known.get(key) ?? attributes.push([mode, uid, gid]) - 1;
    known.set(key, position);
    return position;
  });
  return { owners, attributes };
}
