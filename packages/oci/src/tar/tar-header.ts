import { encodePath } from '../path-bytes.ts';
import { paxRecord } from './pax-records.ts';
import { blockSize } from './tar-block.ts';
import type { TarEntry } from './tar-entry.ts';

/** What a header says. `path` and a hard link's `link` are in the form of `LayerEntry.path`; xattr values are base64. */
export type TarHeaderEntry = Pick<
  TarEntry,
  'path' | 'type' | 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'link' | 'device' | 'xattrs'
>;

/** Two blocks of zeros: the end of an archive. */
export const tarTrailer: Uint8Array = Buffer.alloc(2 * blockSize);

/** Zero bytes that follow `size` bytes of data. */
export function tarPadding(size: number): number {
  return -size & (blockSize - 1);
}

const flags: Readonly<Record<TarEntry['type'], number>> = {
  file: 0x30,
  hardlink: 0x31,
  symlink: 0x32,
  char: 0x33,
  block: 0x34,
  dir: 0x35,
  fifo: 0x36,
};
const largestOctal7 = 0o7777777;
const largestOctal11 = 0o77777777777;
const beyondAscii = /[\u0080-\uffff]/;
const allBeyondAscii = /[\u0080-\uffff]/g;

/**
 * The header of one member, a pax header before it where ustar's fields do not hold what it says. The bytes depend on
 * the entry alone and are those that Go's archive/tar writes in its PAX format (ustar's prefix where that is enough), without user and group
 * names.
 */
export function tarHeader(entry: TarHeaderEntry): Uint8Array {
  const name = entry.type === 'dir' ? `${entry.path || '.'}/` : entry.path;
  const link = entry.type === 'symlink' || entry.type === 'hardlink' ? (entry.link ?? '') : '';
  const size = entry.type === 'file' ? entry.size : 0;
  const { uid, gid, mtime, xattrs } = entry;
  const records: [key: string, value: Uint8Array][] = [];
  if (!fitsText(link)) records.push(['linkpath', encodePath(link)]);
  if (!fits(uid, largestOctal7)) records.push(['uid', Buffer.from(String(uid))]);
  if (!fits(gid, largestOctal7)) records.push(['gid', Buffer.from(String(gid))]);
  if (!fits(size, largestOctal11)) records.push(['size', Buffer.from(String(size))]);
  if (!fits(mtime, largestOctal11)) records.push(['mtime', Buffer.from(String(mtime))]);
  for (const [key, value] of Object.entries(xattrs ?? {})) {
    records.push([`SCHILY.xattr.${key}`, Buffer.from(value, 'base64')]);
  }
  const prefix = fitsText(name) ? 0 : records.length === 0 ? prefixLength(name) : -1;
  if (prefix < 0) records.push(['path', encodePath(name)]);
  const block = newBlock();
  if (prefix > 0) block.write(name.slice(0, prefix), 345, 155, 'latin1');
  writeText(block, 0, prefix > 0 ? name.slice(prefix + 1) : name);
  if (link !== '') writeText(block, 157, link);
  writeNumbers(block, { mode: entry.mode & 0o7777, uid, gid, size, mtime });
  block[156] = flags[entry.type];
  if (entry.device) {
    writeOctal(block, 329, 8, entry.device[0]);
    writeOctal(block, 337, 8, entry.device[1]);
  }
  writeChecksum(block);
  return records.length === 0 ? block : Buffer.concat([...paxMember(name, records), block]);
}

/** The member that carries the records, in Go's naming: `dir/PaxHeaders.0/file`. */
function paxMember(name: string, records: [key: string, value: Uint8Array][]): Uint8Array[] {
  records.sort(([one], [other]) => (one < other ? -1 : 1));
  const body = Buffer.concat(records.map(([key, value]) => paxRecord(key, value)));
  const slash = name.lastIndexOf('/') + 1;
  const parts = [...name.slice(0, slash).split('/'), 'PaxHeaders.0', name.slice(slash)];
  const block = newBlock();
  const own = asciiOf(parts.filter((part) => part !== '' && part !== '.').join('/'));
  block.write(own.slice(0, 100).replace(/\/+$/, ''), 0, 100, 'latin1');
  writeNumbers(block, { mode: 0, uid: 0, gid: 0, size: body.length, mtime: 0 });
  block[156] = 0x78;
  // Go leaves these empty here, and here alone.
  block.fill(0, 329, 345);
  writeChecksum(block);
  return [block, body, Buffer.alloc(tarPadding(body.length))];
}

function fitsText(text: string): boolean {
  return text.length <= 100 && !beyondAscii.test(text);
}

/** Where a long name is cut at a slash for ustar's prefix field, as late as Go does; -1 where it cannot be. */
function prefixLength(name: string): number {
  if (beyondAscii.test(name)) return -1;
  const slash = name.lastIndexOf('/', Math.min(155, name.length - 2));
  return slash > 0 && name.length - slash - 1 <= 100 ? slash : -1;
}

function fits(value: number, largest: number): boolean {
  return value >= 0 && value <= largest;
}

/** Go's `toASCII`: what does not fit is left out; the pax record has the whole. */
function asciiOf(text: string): string {
  return beyondAscii.test(text) ? text.replace(allBeyondAscii, '') : text;
}

function writeText(block: Buffer, offset: number, text: string): void {
  const ascii = asciiOf(text);
  block.write(ascii, offset, 100, 'latin1');
  // Readers of old take a cut name that ends in a slash for a directory.
  if (ascii.length > 100 && ascii[99] === '/') {
    block[offset + ascii.slice(0, 99).replace(/\/+$/, '').length] = 0;
  }
}

type Numbers = Readonly<Record<'mode' | 'uid' | 'gid' | 'size' | 'mtime', number>>;

function writeNumbers(block: Buffer, { mode, uid, gid, size, mtime }: Numbers): void {
  writeOctal(block, 100, 8, mode);
  writeOctal(block, 108, 8, fits(uid, largestOctal7) ? uid : 0);
  writeOctal(block, 116, 8, fits(gid, largestOctal7) ? gid : 0);
  writeOctal(block, 124, 12, fits(size, largestOctal11) ? size : 0);
  writeOctal(block, 136, 12, fits(mtime, largestOctal11) ? mtime : 0);
}

/** A header that says nothing: its numbers are 0. */
const emptyHeader = Buffer.alloc(blockSize);
for (const offset of [100, 108, 116, 329, 337]) writeOctal(emptyHeader, offset, 8, 0);
for (const offset of [124, 136]) writeOctal(emptyHeader, offset, 12, 0);
emptyHeader.write('ustar\u000000', 257, 8, 'latin1');

/** Blocks are cut from one piece of memory: an allocation each would take most of the time. */
const blocksAtOnce = 64;
let piece = Buffer.alloc(0);
let used = 0;

function newBlock(): Buffer {
  if (used === piece.length) {
    piece = Buffer.allocUnsafeSlow(blocksAtOnce * blockSize);
    used = 0;
  }
  const block = piece.subarray(used, used + blockSize);
  used += blockSize;
  emptyHeader.copy(block);
  return block;
}

/** Digits that fill the field but for the NUL at its end. */
function writeOctal(block: Buffer, offset: number, length: number, value: number): void {
  let rest = value;
  for (let at = offset + length - 2; at >= offset; at--) {
    const higher = Math.floor(rest / 8);
    block[at] = 0x30 + (rest - higher * 8);
    rest = higher;
  }
}

function writeChecksum(block: Buffer): void {
  let sum = 8 * 0x20;
  // The prefix is the last field that is written.
  const end = block[345] === 0 ? 345 : 500;
  for (let at = 0; at < end; at++) sum += block[at] ?? 0;
  writeOctal(block, 148, 7, sum);
  block[155] = 0x20;
}
