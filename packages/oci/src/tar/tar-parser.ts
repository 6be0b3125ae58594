import { fault, type OneBuildError } from '@onebuild/core';
import { asBuffer } from '../path-bytes.ts';
import { noPaxRecords, type PaxRecords, readPaxRecords } from './pax-records.ts';
import { blockSize, isZeroBlock, readTarBlock, type TarBlock, text } from './tar-block.ts';
import type { TarEntry, TarHandlers } from './tar-entry.ts';
import { defaultTarLimits, type TarLimits } from './tar-limits.ts';
import { BadMember, readTarMember } from './tar-member.ts';

/** Takes an archive in pieces of any size. */
export interface TarParser {
  /** Handlers are called before it returns. What they throw goes through; the parser is of no use after a throw. */
  write(chunk: Uint8Array): void;
  /** Says that the archive is over. @throws TAR_INVALID when a member is not complete. */
  end(): void;
}

/**
 * Reads a tar archive: ustar, pax (per-file and global), GNU (long names, base-256), star and V7. File data goes to the
 * handlers as parts of the chunks written, not copied; memory stays within `limits` whatever the archive says. As in
 * Go and GNU tar, an archive may lack its end blocks, and whatever follows them is not looked at.
 *
 * Names: absolute ones and those with `.` are made relative, those that leave the root are refused; ones that are not
 * UTF-8 are kept as `path-bytes.ts` says. Sparse members are refused; members without a name that are not the root
 * folder are passed over, as Docker does.
 *
 * `write` and `end` throw TAR_INVALID with the member's name and offset.
 */
export function createTarParser(handlers: TarHandlers, limits?: Partial<TarLimits>): TarParser {
  return new PushTarParser(handlers, { ...defaultTarLimits, ...limits });
}

/** Where the next byte belongs. */
type Room = 'header' | 'extension' | 'data' | 'padding' | 'done';

class PushTarParser implements TarParser {
  readonly #handlers: TarHandlers;
  readonly #limits: TarLimits;
  #room: Room = 'header';
  /** Bytes still to come in this room. */
  #missing = 0;
  #padding = 0;
  /** Bytes before the chunk at hand. */
  #before = 0;
  #members = 0;
  #text = 0;
  #zeroBlocks = 0;
  #member = '';
  readonly #partial = Buffer.alloc(blockSize);
  #partialLength = 0;
  #extension: { readonly flag: string; readonly bytes: Buffer } | undefined;
  #pax: PaxRecords = noPaxRecords;
  #globalPax: PaxRecords = noPaxRecords;
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(handlers: TarHandlers, limits: TarLimits) {
    this.#handlers = handlers;
    this.#limits = limits;
  }

  write(chunk: Uint8Array): void {
    const bytes = asBuffer(chunk);
    let at = 0;
    while (at < bytes.length && this.#room !== 'done') {
      if (this.#room === 'header') at = this.#takeHeader(bytes, at);
      else at = this.#takeBody(bytes, at, Math.min(bytes.length, at + this.#missing));
    }
    this.#before += bytes.length;
  }

  end(): void {
    const room = this.#room;
    this.#room = 'done';
    if (room === 'done' || room === 'padding') return;
    if (room === 'header') {
      if (this.#partialLength > 0) throw this.#invalid('the archive ends inside a header');
      const open = this.#pax !== noPaxRecords || this.#longName !== undefined || this.#longLink !== undefined;
      if (open && this.#zeroBlocks === 0) throw this.#invalid('the archive ends after an extended header');
      return;
    }
    const where = room === 'data' ? `inside ${JSON.stringify(this.#member)}` : 'inside an extended header';
    throw this.#invalid(`the archive ends ${where}, ${this.#missing} bytes before its end`);
  }

  #takeHeader(bytes: Buffer, at: number): number {
    if (this.#partialLength === 0 && at + blockSize <= bytes.length) {
      this.#header(bytes, at, this.#before + at);
      return at + blockSize;
    }
    const end = Math.min(bytes.length, at + blockSize - this.#partialLength);
    bytes.copy(this.#partial, this.#partialLength, at, end);
    this.#partialLength += end - at;
    if (this.#partialLength === blockSize) {
      this.#partialLength = 0;
      this.#header(this.#partial, 0, this.#before + end - blockSize);
    }
    return end;
  }

  /** Extension, data or padding: `bytes` from `at` to `end` belong to it. */
  #takeBody(bytes: Buffer, at: number, end: number): number {
    if (this.#room === 'data') this.#handlers.data(bytes.subarray(at, end));
    const extension = this.#extension;
    if (extension) bytes.copy(extension.bytes, extension.bytes.length - this.#missing, at, end);
    this.#missing -= end - at;
    if (this.#missing > 0) return end;
    if (this.#room === 'data') this.#handlers.end();
    else if (extension) this.#endExtension(extension.flag, extension.bytes, this.#before + end);
    this.#enterPadding();
    return end;
  }

  #header(block: Buffer, start: number, offset: number): void {
    if (isZeroBlock(block, start)) {
      this.#zeroBlocks++;
      if (this.#zeroBlocks === 2) this.#room = 'done';
      return;
    }
    if (this.#zeroBlocks > 0) throw this.#invalid('a header follows a block of zeros', offset);
    if (++this.#members > this.#limits.maxMembers) {
      throw this.#invalid(`it has more than ${this.#limits.maxMembers} members`, offset);
    }
    const header = readTarBlock(block, start);
    if (typeof header === 'string') throw this.#invalid(header, offset);
    this.#padding = -header.size & (blockSize - 1);
    if ('xXgLK'.includes(header.flag)) this.#beginExtension(header, offset);
    else if (header.flag === 'V') this.#skip(header.size, offset);
    else this.#beginMember(header, offset);
  }

  #beginExtension(header: TarBlock, offset: number): void {
    const { size, flag } = header;
    if (size < 0 || size > this.#limits.maxHeaderBytes) {
      throw this.#invalid(`an extended header has more than ${this.#limits.maxHeaderBytes} bytes`, offset);
    }
    this.#padding = -size & (blockSize - 1);
    if (size === 0) return this.#endExtension(flag, Buffer.alloc(0), offset);
    this.#extension = { flag, bytes: Buffer.allocUnsafe(size) };
    this.#room = 'extension';
    this.#missing = size;
  }

  #endExtension(flag: string, bytes: Buffer, offset: number): void {
    this.#extension = undefined;
    if (flag === 'L') this.#longName = text(bytes, 0, bytes.length);
    else if (flag === 'K') this.#longLink = text(bytes, 0, bytes.length);
    else {
      const records = readPaxRecords(bytes, this.#limits.maxPaxRecords);
      if (typeof records === 'string') throw this.#invalid(records, offset);
      if (flag === 'g') this.#globalPax = this.#mergeGlobal(records, offset);
      else this.#pax = records;
    }
  }

  /** Only what can hold for all members is kept, so this stays small whatever comes. */
  #mergeGlobal(records: PaxRecords, offset: number): PaxRecords {
    for (const key of ['path', 'linkpath', 'size']) {
      if (records.has(key)) throw this.#invalid(`a global pax header sets ${key} for all members`, offset);
    }
    const merged = new Map(this.#globalPax);
    for (const key of ['uid', 'gid', 'mtime', 'uname', 'gname']) {
      const value = records.get(key);
      if (value) merged.set(key, Buffer.from(value.subarray(0, 256)));
    }
    return merged;
  }

  #skip(size: number, offset: number): void {
    if (size < 0) throw this.#invalid('the size of a volume label is negative', offset);
    this.#missing = size + this.#padding;
    this.#room = this.#missing > 0 ? 'padding' : 'header';
    this.#padding = 0;
  }

  #beginMember(block: TarBlock, offset: number): void {
    this.#member = this.#longName ?? block.name;
    const { entry, dataSize } = this.#readMember(block, offset);
    this.#member = entry.name;
    this.#countText(entry, offset);
    this.#pax = noPaxRecords;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#padding = -dataSize & (blockSize - 1);
    if (entry.path === '' && entry.type !== 'dir') return this.#skip(dataSize, offset);
    this.#handlers.entry(entry);
    if (entry.type !== 'file' || dataSize === 0) {
      this.#handlers.end();
      if (dataSize > 0) this.#skip(dataSize, offset);
      return;
    }
    this.#room = 'data';
    this.#missing = dataSize;
  }

  #countText({ name, path, link = '', xattrs }: TarEntry, offset: number): void {
    this.#text += name.length + path.length + link.length;
    if (xattrs) this.#text += Object.entries(xattrs).flat().join('').length;
    if (this.#text <= this.#limits.maxTotalText) return;
    throw this.#invalid(`its names have more than ${this.#limits.maxTotalText} characters`, offset);
  }

  #readMember(block: TarBlock, offset: number): { readonly entry: TarEntry; readonly dataSize: number } {
    const extras = {
      pax: this.#pax,
      globalPax: this.#globalPax,
      longName: this.#longName,
      longLink: this.#longLink,
    };
    try {
      return readTarMember(block, extras, this.#limits);
    } catch (error) {
      if (!(error instanceof BadMember)) throw error;
      throw this.#invalid(`${JSON.stringify(this.#member.slice(0, 200))}: ${error.message}`, offset);
    }
  }

  #enterPadding(): void {
    this.#missing = this.#padding;
    this.#padding = 0;
    this.#room = this.#missing > 0 ? 'padding' : 'header';
  }

  #invalid(why: string, offset?: number): OneBuildError {
    const at = offset ?? this.#before;
    return fault('TAR_INVALID', `${why} (at byte ${at} of the archive)`, {
      details: { offset: at, ...(this.#member && { member: this.#member.slice(0, 500) }) },
    });
  }
}
