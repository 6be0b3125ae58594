import { randomBytes } from 'node:crypto';
import { digestHex, digestOf } from '@onebuild/oci';

/** Days after which a segment counts as merged: so long nobody wrote to the cache, or its tag cannot be deleted. */
const segmentDays = 30;
const longestBase = 95;

/** A segment's id: the second in which it was made, and something random; both in hexadecimal digits. */
export function newSegmentId(now: number): string {
  return Math.floor(now / 1000)
    .toString(16)
    .padStart(8, '0')
    .slice(-8)
    .concat(randomBytes(6).toString('hex'));
}

export function isSegmentId(text: string): boolean {
  return /^[0-9a-f]{20}$/.test(text);
}

/** Whether a segment is so old that it is left alone. `now` in milliseconds. */
export function isOldSegment(id: string, now: number): boolean {
  return now / 1000 - Number.parseInt(id.slice(0, 8), 16) > segmentDays * 86_400;
}

/** What the tags of all segments of the cache with this tag start with; the id follows. */
export function segmentPrefix(tag: string): string {
  // a tag has 128 characters at most
  const base =
    tag.length <= longestBase ? tag : `${tag.slice(0, 60)}-${digestHex(digestOf(tag)).slice(0, 32)}`;
  return `${base}.part-`;
}
