import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { processOwner } from './process-owner.ts';

/**
 * Makes a folder of this process' own in the store at `home`, which doesn't have to be there yet. Whoever asks for it removes it; when
 * the process dies before, the next one that opens the store does.
 * @returns its path
 */
export function makeTempFolder(home: string): string {
  const owner = processOwner(process.pid);
  const temp = join(home, 'tmp', `${owner.replace(':', '-')}-${randomUUID().slice(0, 8)}`);
  mkdirSync(join(home, 'tmp'), { recursive: true, mode: 0o700 });
  mkdirSync(temp, { mode: 0o700 });
  return temp;
}
