import { createHash } from 'node:crypto';

/** Bytes. Part of the format only in so far as other sizes find less of what was cut with these. */
export const chunkSizes = Object.freeze({ least: 32 << 10, usual: 128 << 10, most: 512 << 10 });

/** Before the usual size a cut needs 19 bits of the hash to be 0, after it 15: most chunks come near the usual size. */
const [earlyMask, lateMask] = [0xffff_e000 | 0, 0xfffe_0000 | 0];

/** Bytes that decide over a cut: a bit of the hash for each. */
const window = 32;

let gear: Int32Array | undefined;

/** A number for each byte, the same for ever. */
function gearTable(): Int32Array {
  gear ??= Int32Array.from({ length: 256 }, (_, byte) =>
    createHash('sha256').update(`onebuild gear ${byte}`).digest().readInt32LE(0),
  );
  return gear;
}

/**
 * Where the chunk that begins at `start` ends: at a place that only the 32 bytes before it decide over, so that cuts come back to the same
 * places after something was put in or taken out (FastCDC with normalised chunking). `end` itself where the bytes end before that.
 */
export function cutContent(bytes: Uint8Array, start: number, end: number): number {
  const { least, usual, most } = chunkSizes;
  const table = gearTable();
  const last = Math.min(end, start + most);
  const middle = Math.min(last, start + usual);
  let hash = 0;
  let at = Math.min(last, start + least - window);
  for (const warm = Math.min(last, start + least); at < warm; at++)
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
  for (; at < middle; at++) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & earlyMask) === 0) return at + 1;
  }
  for (; at < last; at++) {
    hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
    if ((hash & lateMask) === 0) return at + 1;
  }
  return last;
}
