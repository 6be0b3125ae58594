import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fault } from '@onebuild/core';

/** Bytes; nobody writes more by hand. */
const largest = 16 << 20;

/**
 * Reads a Dockerfile or an ignore file. A pipe or a device would keep us waiting, or never end.
 * @throws CONTEXT_READ, and what the file system says where it is not there
 */
export function readText(path: string): string {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile())
      throw fault('CONTEXT_READ', `${path} is not a file`, { hint: 'Put a plain file there.' });
    if (stat.size > largest) throw tooLarge(path, stat.size);
    return readAll(descriptor, path);
  } finally {
    closeSync(descriptor);
  }
}

/** However much it grew since. */
function readAll(descriptor: number, path: string): string {
  const pieces: Buffer[] = [];
  for (let size = 0; ; ) {
    const piece = Buffer.allocUnsafe(64 << 10);
    const count = readSync(descriptor, piece, 0, piece.length, null);
    if (count === 0) return Buffer.concat(pieces).toString('utf8');
    size += count;
    if (size > largest) throw tooLarge(path, size);
    pieces.push(piece.subarray(0, count));
  }
}

function tooLarge(path: string, size: number): Error {
  return fault('CONTEXT_READ', `${path} has ${size} bytes, ${largest} are read at most`, {
    hint: 'Is it the right file?',
  });
}
