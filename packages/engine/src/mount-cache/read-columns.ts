import { type ListingColumns, listingFormat } from './listing-columns.ts';
import { mountDamaged } from './mount-damaged.ts';
import { type MountFact, mountLimits } from './mount-listing.ts';

/** The columns of a stored listing, their shapes and lengths checked, but not yet what they say. @throws CACHE_DAMAGED */
export function readListingColumns(bytes: Uint8Array): ListingColumns {
  if (bytes.length > mountLimits.listing) throw damagedListing('is too large');
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== listingFormat)
    throw damagedListing(`is not in the format ${listingFormat}`);
  const columns = value as Readonly<Record<string, unknown>>;
  const result: ListingColumns = {
    format: listingFormat,
    paths: column(columns, 'paths', isText),
    types: text(columns, 'types'),
    owners: column(columns, 'owners', isCount),
    attributes: column(columns, 'attributes', isOwner),
    seconds: column(columns, 'seconds', isSecond),
    nanoseconds: column(columns, 'nanoseconds', isNanosecond),
    links: column(columns, 'links', isText),
    used: column(columns, 'used', isCount),
    counts: column(columns, 'counts', isCount),
    chunks: column(columns, 'chunks', isDistance),
    packs: column(columns, 'packs', isHash),
    packCounts: column(columns, 'packCounts', isCount),
    gaps: column(columns, 'gaps', isCount),
    lengths: column(columns, 'lengths', isCount),
    rawLengths: column(columns, 'rawLengths', isCount),
    digests: text(columns, 'digests'),
    facts: column(columns, 'facts', isFact),
  };
  checkLengths(result);
  return result;
}

export function damagedListing(why: string) {
  return mountDamaged(`its listing ${why}`);
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch {
    throw damagedListing('is not JSON');
  }
}

function column<T>(
  columns: Readonly<Record<string, unknown>>,
  name: string,
  fits: (item: unknown) => item is T,
): T[] {
  const items: unknown = columns[name];
  if (Array.isArray(items) && items.every(fits)) return items;
  throw damagedListing(`has a wrong column ${name}`);
}

function text(columns: Readonly<Record<string, unknown>>, name: string): string {
  const found = columns[name];
  if (typeof found === 'string') return found;
  throw damagedListing(`has a wrong column ${name}`);
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

/** A whole number, not negative. */
function isCount(item: unknown): item is number {
  return Number.isSafeInteger(item) && (item as number) >= 0;
}

function isDistance(item: unknown): item is number {
  return Number.isSafeInteger(item);
}

/** As far as file systems know times. */
function isSecond(item: unknown): item is number {
  return Number.isSafeInteger(item) && Math.abs(item as number) < 2 ** 35;
}

function isNanosecond(item: unknown): item is number {
  return isCount(item) && item < 1e9;
}

/** An owner of all bits stands for none: chown(2). */
function isOwner(item: unknown): item is [number, number, number] {
  if (!Array.isArray(item) || item.length !== 3 || !item.every(isCount)) return false;
  const [mode = 0, uid = 0, gid = 0] = item;
  return mode <= 0o7777 && uid < 0xffff_ffff && gid < 0xffff_ffff;
}

function isHash(item: unknown): item is string {
  return isText(item) && /^[0-9a-f]{64}$/.test(item);
}

function isFact(item: unknown): item is MountFact {
  return Array.isArray(item) && item.length === 3 && item.every(isText);
}

function checkLengths(columns: ListingColumns): void {
  const { paths, types, owners, seconds, nanoseconds, used, counts } = columns;
  const { packs, packCounts, gaps, lengths, rawLengths, digests } = columns;
  const same = (count: number, ...found: readonly { readonly length: number }[]) =>
    found.every(({ length }) => length === count);
  if (
    !same(paths.length, types, owners, seconds, nanoseconds) ||
    !same(used.length, counts) ||
    !same(packs.length, packCounts) ||
    !same(gaps.length, lengths, rawLengths) ||
    digests.length !== gaps.length * 64
  )
    throw damagedListing('has columns of different lengths');
  if (paths.length > mountLimits.entries) throw damagedListing('has too many entries');
  if (!/^[0-9a-f]*$/.test(digests)) throw damagedListing('has a wrong column digests');
}
