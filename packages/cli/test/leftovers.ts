import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

/**
 * Processes of this machine, this one apart, that have to do with a store: they name it in their arguments, have it mounted in any
 * namespace, or have `mark` among their variables.
 */
function processesOf(home: string, mark: string): readonly string[] {
  const named = new RegExp(`${RegExp.escape(home)}(?![\\w-])`);
  const says = (pid: string, file: string, what: RegExp | string) => {
    try {
      const text = readFileSync(`/proc/${pid}/${file}`, 'latin1');
      return typeof what === 'string' ? text.includes(what) : what.test(text);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter(
    (pid) =>
      /^\d+$/.test(pid) &&
      pid !== String(process.pid) &&
      (says(pid, 'cmdline', named) || says(pid, 'mountinfo', named) || says(pid, 'environ', mark)),
  );
}

/** Waits for a store's processes to go; gives those that stay, with their command lines. */
export async function processesLeftOf(home: string, mark: string): Promise<readonly string[]> {
  for (let tries = 0; tries < 500 && processesOf(home, mark).length > 0; tries++) await sleep(10);
  return processesOf(home, mark).map((pid) => {
    const words = existsSync(`/proc/${pid}`) ? readFileSync(`/proc/${pid}/cmdline`, 'latin1') : '';
    return `${pid} ${words.replaceAll('\0', ' ').trim()}`;
  });
}

/** What lies in the store's rooms without an account of it, and accounts of what is not there. */
export function mismatchesOf(home: string): readonly string[] {
  const db = new DatabaseSync(join(home, 'cache.db'), { readOnly: true });
  const items = db.prepare('SELECT kind, id FROM items').all() as { kind: string; id: string }[];
  db.close();
  const rooms = {
    blob: 'blobs/sha256',
    layer: 'layers',
    index: 'index',
    mount: 'mounts',
    source: 'sources',
  } as const;
  return Object.entries(rooms).flatMap(([kind, room]) => {
    const known = new Set(
      items.filter((item) => item.kind === kind).map(({ id }) => id.replace(/^sha256:/, '')),
    );
    // beside a source lies a note on where it came from
    const there = readdirSync(join(home, room)).filter(
      (name) => !(kind === 'source' && name.endsWith('.json')),
    );
    return [
      ...there.filter((name) => !known.has(name)).map((name) => `${room}/${name} has no account`),
      ...[...known].filter((name) => !there.includes(name)).map((name) => `${room}/${name} is not there`),
    ];
  });
}
