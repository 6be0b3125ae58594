import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasRoom } from './disk-room.ts';

/** Enough for the database to note what is removed. Bytes. */
const reserveSize = 512 * 1024;

const pathOf = (home: string) => join(home, 'reserve');

/** Keeps a little of the disk, so that a full one can be cleared: removing things has to be written down, too. */
export function keepReserve(home: string): void {
  try {
    if (!existsSync(pathOf(home))) writeFileSync(pathOf(home), new Uint8Array(reserveSize), { mode: 0o600 });
  } catch {
    // there is no room for it now; that alone is no reason to fail
    rmSync(pathOf(home), { force: true });
  }
}

/** Gives it up when the disk is full. */
export function releaseReserve(home: string): void {
  if (!hasRoom(home)) rmSync(pathOf(home), { force: true });
}
