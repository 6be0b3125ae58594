import { fault } from '@onebuild/core';
import { indexFormat, type LayerIndexColumns } from './layer-index-columns.ts';

/** Some two million entries; an index of ten thousand has 1 MB. */
const largestIndex = 256 * 1024 * 1024;

export function invalidIndex(why: string) {
  return fault('MANIFEST_INVALID', `the layer index is not valid: ${why}`, {
    hint: 'Remove it; it is made again from the layer.',
  });
}

/** The columns of a stored index, their shapes and lengths checked, but not yet what they say. */
export function readIndexColumns(bytes: Uint8Array): LayerIndexColumns {
  if (bytes.length > largestIndex) throw invalidIndex(`it is larger than ${largestIndex} bytes`);
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || !('format' in value) || value.format !== indexFormat) {
    throw invalidIndex(`it is not in the format ${indexFormat}`);
  }
  const columns = value as Readonly<Record<string, unknown>>;
  const result: LayerIndexColumns = {
    format: indexFormat,
    paths: column(columns, 'paths', isText),
    types: text(columns, 'types'),
    owners: column(columns, 'owners', isNumber),
    attributes: column(columns, 'attributes', isTriple),
    mtimes: column(columns, 'mtimes', Number.isSafeInteger as (item: unknown) => item is number),
    sizes: column(columns, 'sizes', isNumber),
    digests: text(columns, 'digests'),
    links: column(columns, 'links', isText),
    devices: column(columns, 'devices', isPair),
    xattrs: column(columns, 'xattrs', isXattrRow),
  };
  checkLengths(result);
  return result;
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (error) {
    throw invalidIndex(error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read');
  }
}

function column<T>(
  columns: Readonly<Record<string, unknown>>,
  name: string,
  fits: (item: unknown) => item is T,
): T[] {
  const items: unknown = columns[name];
  if (Array.isArray(items) && items.every(fits)) return items;
  throw invalidIndex(`its column ${name} is wrong`);
}

function text(columns: Readonly<Record<string, unknown>>, name: string): string {
  const found = columns[name];
  if (typeof found === 'string') return found;
  throw invalidIndex(`its column ${name} is wrong`);
}

function isText(item: unknown): item is string {
  return typeof item === 'string';
}

/** A whole number, not negative. */
function isNumber(item: unknown): item is number {
  return Number.isSafeInteger(item) && (item as number) >= 0;
}

function isPair(item: unknown): item is [number, number] {
  return Array.isArray(item) && item.length === 2 && item.every(isNumber);
}

function isTriple(item: unknown): item is [number, number, number] {
  return Array.isArray(item) && item.length === 3 && item.every(isNumber);
}

function isXattrRow(item: unknown): item is (number | string)[] {
  if (!Array.isArray(item) || item.length < 3 || item.length % 2 === 0) return false;
  const [at, ...words] = item as unknown[];
  return isNumber(at) && words.every(isText);
}

function checkLengths(columns: LayerIndexColumns): void {
  const { paths, types, owners, mtimes, sizes, digests } = columns;
  const count = paths.length;
  if (types.length !== count || owners.length !== count || mtimes.length !== count) {
    throw invalidIndex('its columns have different lengths');
  }
  if (digests.length !== sizes.length * 64 || !/^[0-9a-f]*$/.test(digests)) {
    throw invalidIndex('its digests are wrong');
  }
}
