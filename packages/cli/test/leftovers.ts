import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Processes of this machine with `mark` in their arguments, this one apart. */
export function processesWith(mark: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        pid !== String(process.pid) &&
        readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes(mark)
      );
    } catch {
      return false;
    }
  });
}

/** Waits for processes with `mark` to go (the kernel tells nobody when a namespace is torn down); gives those that stay. */
export async function processesLeft(mark: string): Promise<readonly string[]> {
  for (let tries = 0; tries < 500 && processesWith(mark).length > 0; tries++) await sleep(10);
  return processesWith(mark);
}

/** Waits until a process with `mark` runs. */
export async function processStarted(mark: string): Promise<void> {
  for (let tries = 0; processesWith(mark).length === 0; tries++) {
    if (tries > 3000) throw new Error(`no process with ${mark} started`);
    await sleep(10);
  }
}

/** Mounts that this process sees below a folder. */
export function mountsBelow(folder: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(folder));
}

/** What is in the store's folder for work in progress. */
export function tempOf(home: string): readonly string[] {
  const folder = join(home, 'tmp');
  return existsSync(folder) ? readdirSync(folder) : [];
}
