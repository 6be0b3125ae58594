import { fault } from '@onebuild/core';

/** Where a zstd stream is after some bytes. */
export interface FrameScan {
  /** Bytes of the chunk that belong to the current frame. */
  readonly consumed: number;
  /** The frame ends with them. */
  readonly ended: boolean;
}

/**
 * Finds the ends of zstd frames (RFC 8878, section 3.1) without decoding them: reads the headers of frames and blocks
 * and steps over what is between.
 */
export interface FrameScanner {
  /** @throws TAR_INVALID */
  scan(chunk: Uint8Array, from: number): FrameScan;
  /** Between two frames, where a stream may end. */
  readonly idle: boolean;
  /** Of the current frame: size of the content, where its header has been read and says it. */
  readonly contentSize: number | undefined;
  /** The current frame has no content. */
  readonly skippable: boolean;
}

type Field = 'magic' | 'descriptor' | 'header' | 'skipSize' | 'block';

export function createFrameScanner(): FrameScanner {
  const field = Buffer.alloc(16);
  let have = 0;
  let need = 4;
  let reading: Field = 'magic';
  let skip = 0;
  let checksum = 0;
  let descriptor = 0;
  let lastBlock = false;
  let contentSize: number | undefined;
  let skippable = false;

  const expect = (what: Field, size: number): void => {
    reading = what;
    need = size;
    have = 0;
  };

  const read: Readonly<Record<Field, () => void>> = {
    magic() {
      const magic = field.readUInt32LE(0);
      contentSize = undefined;
      lastBlock = false;
      skippable = (magic & 0xfffffff0) >>> 0 === 0x184d2a50;
      if (skippable) expect('skipSize', 4);
      else if (magic === 0xfd2fb528) expect('descriptor', 1);
      else throw fault('TAR_INVALID', 'the zstd stream is damaged: no frame starts where one has to');
    },
    descriptor() {
      descriptor = field.readUInt8(0);
      checksum = (descriptor & 4) === 0 ? 0 : 4;
      const single = (descriptor & 0x20) !== 0;
      const sizes = sizeOfContentSize(descriptor);
      expect('header', (single ? 0 : 1) + dictionaryIdSizes(descriptor) + sizes);
      if (need === 0) read.header();
    },
    header() {
      const size = sizeOfContentSize(descriptor);
      if (size > 0) contentSize = readContentSize(field.subarray(need - size, need));
      expect('block', 3);
    },
    skipSize() {
      skip = field.readUInt32LE(0);
      lastBlock = true;
      expect('magic', 4);
    },
    block() {
      const header = field.readUIntLE(0, 3);
      const kind = (header >> 1) & 3;
      if (kind === 3) throw fault('TAR_INVALID', 'the zstd stream is damaged: a block of no known kind');
      lastBlock = (header & 1) === 1;
      skip = (kind === 1 ? 1 : header >> 3) + (lastBlock ? checksum : 0);
      if (lastBlock) expect('magic', 4);
      else expect('block', 3);
    },
  };

  return {
    scan(chunk, from) {
      let at = from;
      while (at < chunk.length) {
        if (skip > 0) {
          const step = Math.min(skip, chunk.length - at);
          skip -= step;
          at += step;
        } else {
          const step = Math.min(need - have, chunk.length - at);
          field.set(chunk.subarray(at, at + step), have);
          have += step;
          at += step;
          if (have === need) read[reading]();
        }
        if (lastBlock && skip === 0 && reading === 'magic' && have === 0) {
          lastBlock = false;
          return { consumed: at - from, ended: true };
        }
      }
      return { consumed: at - from, ended: false };
    },
    get idle() {
      return reading === 'magic' && have === 0 && skip === 0;
    },
    get contentSize() {
      return contentSize;
    },
    get skippable() {
      return skippable;
    },
  };
}

function dictionaryIdSizes(descriptor: number): number {
  return [0, 1, 2, 4][descriptor & 3] as number;
}

function sizeOfContentSize(descriptor: number): number {
  const single = (descriptor & 0x20) !== 0;
  return [single ? 1 : 0, 2, 4, 8][descriptor >> 6] as number;
}

function readContentSize(bytes: Buffer): number {
  if (bytes.length === 8) return Number(bytes.readBigUInt64LE(0));
  return bytes.readUIntLE(0, bytes.length) + (bytes.length === 2 ? 256 : 0);
}
