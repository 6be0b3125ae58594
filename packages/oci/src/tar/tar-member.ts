import { decodePath } from '../path-bytes.ts';
import { cleanPath } from './clean-path.ts';
import type { PaxRecords } from './pax-records.ts';
import { sparseIsRefused } from './pax-records.ts';
import type { TarBlock } from './tar-block.ts';
import type { TarEntry } from './tar-entry.ts';
import type { TarLimits } from './tar-limits.ts';
import { readPaxNumber, readPaxTime } from './tar-numbers.ts';

/** What extended headers before a member's own header said. */
export interface TarExtras {
  readonly pax: PaxRecords;
  readonly globalPax: PaxRecords;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
}

const types: Readonly<Record<string, TarEntry['type']>> = {
  '0': 'file',
  '\0': 'file',
  '7': 'file',
  '1': 'hardlink',
  '2': 'symlink',
  '3': 'char',
  '4': 'block',
  '5': 'dir',
  D: 'dir',
  '6': 'fifo',
};
const largestId = 0xffff_ffff;

/** Raised while one member is read; the parser adds name and offset. */
export class BadMember extends Error {}

/** The member that a header and the extended headers before it describe, and the bytes of data that follow it. */
export function readTarMember(
  block: TarBlock,
  extras: TarExtras,
  limits: TarLimits,
): { readonly entry: TarEntry; readonly dataSize: number } {
  const record = (key: string): Buffer | undefined => {
    const value = extras.pax.get(key) ?? extras.globalPax.get(key);
    return value === undefined || value.length === 0 ? undefined : value;
  };
  const name = extras.longName ?? pathRecord(record('path')) ?? block.name;
  const type = typeOf(block.flag, name);
  const size = number(record('size'), 'size') ?? block.size;
  if (size < 0) throw new BadMember('its size is negative');
  const link = extras.longLink ?? pathRecord(record('linkpath')) ?? block.link;
  const userName = record('uname')?.toString() ?? block.userName;
  const groupName = record('gname')?.toString() ?? block.groupName;
  const xattrs = xattrsOf(extras.pax);
  const entry: TarEntry = {
    path: pathOf(name, limits),
    type,
    mode: block.mode & 0o7777,
    uid: id(number(record('uid'), 'owner') ?? block.uid, 'owner'),
    gid: id(number(record('gid'), 'group') ?? block.gid, 'group'),
    size: type === 'file' ? size : 0,
    mtime: time(record('mtime')) ?? block.mtime,
    name,
    ...((type === 'symlink' || type === 'hardlink') && { link: linkOf(link, type, limits) }),
    ...((type === 'char' || type === 'block') && { device: device(block.device) }),
    ...(xattrs && { xattrs }),
    ...(userName !== '' && { userName }),
    ...(groupName !== '' && { groupName }),
  };
  // Only files have data; Go's archive/tar and GNU tar disregard the size of the others, too (GNU: D has a listing).
  return { entry, dataSize: type === 'file' || block.flag === 'D' ? size : 0 };
}

function typeOf(flag: string, name: string): TarEntry['type'] {
  if (flag === '\0' && name.endsWith('/')) return 'dir';
  if (flag === 'S') throw new BadMember(sparseIsRefused);
  const type = Object.hasOwn(types, flag) ? types[flag] : undefined;
  if (type === undefined) throw new BadMember(`members of type ${JSON.stringify(flag)} are not supported`);
  return type;
}

function pathOf(name: string, limits: TarLimits): string {
  checkLength(name, 'name', limits);
  const path = cleanPath(name);
  if (path === undefined) throw new BadMember('its name has a NUL or leaves the root');
  return path;
}

function linkOf(link: string, type: 'symlink' | 'hardlink', limits: TarLimits): string {
  checkLength(link, 'link target', limits);
  if (link === '' || link.includes('\0')) throw new BadMember('its link target is empty or has a NUL');
  if (type === 'symlink') return link;
  const path = cleanPath(link);
  if (!path) throw new BadMember('its link target leaves the root');
  return path;
}

function checkLength(name: string, what: string, { maxPathBytes }: TarLimits): void {
  if (name.length * 3 > maxPathBytes && Buffer.byteLength(name) > maxPathBytes) {
    throw new BadMember(`its ${what} is longer than ${maxPathBytes} bytes`);
  }
}

function pathRecord(value: Buffer | undefined): string | undefined {
  return value && decodePath(value);
}

function number(value: Buffer | undefined, what: string): number | undefined {
  if (value === undefined) return undefined;
  const parsed = readPaxNumber(value.toString('latin1'));
  if (parsed === undefined) throw new BadMember(`the ${what} in its pax header is not a number`);
  return parsed;
}

function time(value: Buffer | undefined): number | undefined {
  if (value === undefined) return undefined;
  const parsed = readPaxTime(value.toString('latin1'));
  if (parsed === undefined) throw new BadMember('the time in its pax header is not a number');
  return parsed;
}

function id(value: number, what: string): number {
  if (value < 0 || value > largestId) throw new BadMember(`its ${what} is not between 0 and ${largestId}`);
  return value;
}

/** Linux: 12 bits major, 20 bits minor. */
function device([major, minor]: readonly [number, number]): readonly [number, number] {
  if (major < 0 || minor < 0 || major > 0xfff || minor > 0xf_ffff) {
    throw new BadMember('its device number is out of range');
  }
  return [major, minor];
}

const schilyPrefix = 'SCHILY.xattr.';
const libarchivePrefix = 'LIBARCHIVE.xattr.';

function xattrsOf(pax: PaxRecords): Readonly<Record<string, string>> | undefined {
  if (pax.size === 0) return undefined;
  const found = new Map<string, string>();
  for (const [key, value] of pax) {
    // libarchive writes both forms; its own has the name URL-encoded and the value in base64 already.
    if (key.startsWith(libarchivePrefix)) {
      const name = decodeName(key.slice(libarchivePrefix.length));
      if (!found.has(name))
        found.set(name, Buffer.from(value.toString('latin1'), 'base64').toString('base64'));
    } else if (key.startsWith(schilyPrefix)) {
      found.set(key.slice(schilyPrefix.length), value.toString('base64'));
    }
  }
  for (const [name, value] of found) {
    if (value === '') found.delete(name);
    else if (name === '' || name.includes('\0') || name.length > 255) {
      throw new BadMember('the name of an extended attribute is not valid');
    }
  }
  if (found.size === 0) return undefined;
  // A key such as `__proto__` must stay a key.
  const sorted = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(sorted);
}

function decodeName(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadMember('the name of an extended attribute is not valid');
  }
}
