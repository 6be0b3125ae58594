import { createHash } from 'node:crypto';
import type { Digest } from '@onebuild/core';
import type { LayerEntry, LayerIndex } from '../layer-index.ts';

/** Names the serialisation; part of what is hashed. */
const format = 'onebuild layer index 1\n';
/** Characters handed to the hash at once. */
const batch = 1 << 16;

/**
 * SHA-256 over everything that an index says: one JSON array per entry and line, in the index's order. Equal indexes have
 * equal digests, on every machine and in every version that knows this format.
 */
export function indexDigest(index: LayerIndex): Digest {
  const hash = createHash('sha256').update(format);
  let text = '';
  for (const entry of index.entries) {
    text += line(entry);
    if (text.length < batch) continue;
    hash.update(text);
    text = '';
  }
  return `sha256:${hash.update(text).digest('hex')}` as Digest;
}

function line(entry: LayerEntry): string {
  const { path, type, mode, uid, gid, size, mtime, digest, link, device, xattrs } = entry;
  const numbers = `"${type}",${mode},${uid},${gid},${size},${mtime}`;
  const rest = digest === undefined ? '' : `,"${digest}"`;
  if (link === undefined && device === undefined && xattrs === undefined) {
    return `[${JSON.stringify(path)},${numbers}${rest}]\n`;
  }
  const more = JSON.stringify([link ?? null, device ?? null, sortedXattrs(xattrs)]);
  return `[${JSON.stringify(path)},${numbers}${rest},${more}]\n`;
}

function sortedXattrs(xattrs: LayerEntry['xattrs']): (readonly [string, string])[] {
  return Object.entries(xattrs ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
}
