import { asBuffer, decodePath } from '../path-bytes.ts';
import { readTarNumber } from './tar-numbers.ts';

export const blockSize = 512;

/** The fields of one 512-byte header (POSIX ustar; GNU; star; V7), nothing interpreted beyond the field. */
export interface TarBlock {
  readonly name: string;
  readonly link: string;
  /** Type flag, one character; NUL for the oldest archives. */
  readonly flag: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtime: number;
  readonly userName: string;
  readonly groupName: string;
  readonly device: readonly [major: number, minor: number];
}

/** Reads the header at `start`; a text says what is wrong with it. */
export function readTarBlock(block: Buffer, start: number): TarBlock | string {
  if (readTarNumber(block, start + 148, 8) !== checksum(block, start)) {
    // Two programs summed signed bytes; such archives are still about.
    if (readTarNumber(block, start + 148, 8) !== signedChecksum(block, start)) {
      return 'the checksum of the header is wrong';
    }
  }
  let bad = '';
  const number = (what: string, offset: number, length: number): number => {
    const value = readTarNumber(block, start + offset, length);
    if (value === undefined) bad ||= `the header's ${what} is not a number`;
    return value ?? 0;
  };
  const format = formatOf(block, start);
  const known = format !== 'v7';
  const header: TarBlock = {
    name: prefixOf(block, start, format) + text(block, start, 100),
    link: text(block, start + 157, 100),
    flag: String.fromCharCode(block[start + 156] ?? 0),
    mode: number('mode', 100, 8),
    uid: number('owner', 108, 8),
    gid: number('group', 116, 8),
    size: number('size', 124, 12),
    mtime: number('time', 136, 12),
    userName: known ? text(block, start + 265, 32) : '',
    groupName: known ? text(block, start + 297, 32) : '',
    device: isDevice(block[start + 156]) ? [number('device', 329, 8), number('device', 337, 8)] : noDevice,
  };
  return bad || header;
}

const noDevice = Object.freeze([0, 0] as const);
const zeros = Buffer.alloc(blockSize);

export function isZeroBlock(block: Buffer, start: number): boolean {
  return block[start] === 0 && block.compare(zeros, 0, blockSize, start, start + blockSize) === 0;
}

/** Text up to the first NUL, at most `length` bytes. */
export function text(bytes: Uint8Array, start: number, length: number): string {
  if (bytes[start] === 0) return '';
  const nul = bytes.indexOf(0, start);
  const end = nul < 0 || nul > start + length ? start + length : nul;
  return decodePath(asBuffer(bytes).subarray(start, end));
}

/** Sum of the header's bytes with the checksum field as spaces. */
export function checksum(block: Buffer, start: number): number {
  let sum = 8 * 0x20;
  for (let at = start; at < start + 148; at++) sum += block[at] ?? 0;
  for (let at = start + 156; at < start + blockSize; at++) sum += block[at] ?? 0;
  return sum;
}

function signedChecksum(block: Buffer, start: number): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockSize; at++) {
    if (at < 148 || at >= 156) sum += block.readInt8(start + at);
  }
  return sum;
}

function isDevice(flag: number | undefined): boolean {
  return flag === 0x33 || flag === 0x34;
}

type Format = 'v7' | 'ustar' | 'star' | 'gnu';

function formatOf(block: Buffer, start: number): Format {
  const magic = block.toString('latin1', start + 257, start + 265);
  if (magic === 'ustar  \0') return 'gnu';
  if (!magic.startsWith('ustar\0')) return 'v7';
  return block.toString('latin1', start + 508, start + 512) === 'tar\0' ? 'star' : 'ustar';
}

/** What stands before the name, with its slash: 155 bytes in ustar, 131 in star; GNU has other things there. */
function prefixOf(block: Buffer, start: number, format: Format): string {
  if (format === 'v7' || format === 'gnu' || block[start + 345] === 0) return '';
  return `${text(block, start + 345, format === 'star' ? 131 : 155)}/`;
}
