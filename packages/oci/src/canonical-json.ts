import { fault } from '@onebuild/core';

/** Deeper values are not written: nobody means them, and they exhaust the stack. */
export const deepestJson = 100;

/**
 * The one JSON text of a value (RFC 8785): keys in order of their UTF-16 units, no white space; fields that are
 * undefined are left out. Equal values give equal texts, whoever put them together in whatever order.
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

/** {@link canonicalJson} as UTF-8: the bytes of every manifest, index and config that OneBuild makes. */
export function encodeJson(value: unknown): Uint8Array {
  return Buffer.from(canonicalJson(value));
}

function write(value: unknown, depth: number): string {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (typeof value !== 'object') throw fault('INTERNAL', `a ${typeof value} cannot be written as JSON`);
  if (depth >= deepestJson) throw fault('MANIFEST_INVALID', `JSON nests deeper than ${deepestJson} levels`);
  if (Array.isArray(value)) {
    return `[${value.map((item: unknown) => write(item ?? null, depth + 1)).join(',')}]`;
  }
  const fields = Object.entries(value as Readonly<Record<string, unknown>>)
    .filter(([, field]) => field !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${write(field, depth + 1)}`);
  return `{${fields.join(',')}}`;
}
