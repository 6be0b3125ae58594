import { type ErrorCode, fault, isFault, type OneBuildError, toFault } from '@onebuild/core';
import { hasRoom } from './disk-room.ts';

/** Primary result codes, https://www.sqlite.org/rescode.html */
const byResult: Readonly<Record<number, ErrorCode>> = {
  3: 'FILE_ACCESS', // PERM
  5: 'STORE_LOCKED', // BUSY
  6: 'STORE_LOCKED', // LOCKED
  8: 'FILE_ACCESS', // READONLY
  10: 'FILE_ACCESS', // IOERR
  11: 'STORE_CORRUPT', // CORRUPT
  13: 'DISK_FULL', // FULL
  14: 'FILE_ACCESS', // CANTOPEN
  26: 'STORE_CORRUPT', // NOTADB
};

/** What SQLite's complaint about the file at `path` means to the user. A full disk is also told as a failed read, write or open. */
export function databaseFault(error: unknown, path: string): OneBuildError {
  if (isFault(error)) return error;
  const { errcode } = error as { errcode?: unknown };
  const result = typeof errcode === 'number' ? errcode & 0xff : undefined;
  const known = result === undefined ? undefined : byResult[result];
  if (known === undefined) return toFault(error);
  const code = known === 'FILE_ACCESS' && !hasRoom(path) ? 'DISK_FULL' : known;
  const hint = { hint: 'Remove the folder of the store; the next build makes it again.' };
  return fault(code, `${path}: ${(error as Error).message}`, {
    ...(code === 'STORE_CORRUPT' && hint),
    cause: error,
  });
}
