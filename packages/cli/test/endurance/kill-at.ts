import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Ended, Started } from '../start-command.ts';
import type { Victim } from './moment.ts';

export interface Killed {
  /** What got the signal; undefined where all had ended before. */
  readonly what: string | undefined;
  readonly ended: Ended;
}

/**
 * Kills `victim` when `ms` have passed, and waits until the command is gone. Where there is nothing below the command at that moment, the
 * next process that it starts is killed.
 */
export async function killAt(
  started: Started,
  victim: Victim,
  options: { readonly ms: number; readonly random: () => number },
): Promise<Killed> {
  let over = false;
  const ended = started.ended.finally(() => {
    over = true;
  });
  await Promise.race([sleep(options.ms), ended]);
  let what: string | undefined;
  if (victim === 'child') {
    while (!over && what === undefined) {
      const below = descendants(started.pid);
      const pid = below[Math.floor(options.random() * below.length)];
      const name = pid === undefined ? undefined : nameOf(pid);
      if (pid !== undefined && kill(pid)) what = name ?? 'a process';
      else await sleep(1);
    }
  } else if (!over && kill(victim === 'group' ? -started.pid : started.pid)) {
    what = victim === 'group' ? 'its process group' : 'the process';
  }
  return { what, ended: await ended };
}

function kill(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch {
    return false;
  }
}

/** Field 4 of /proc/PID/stat, proc(5). */
function descendants(root: number): readonly number[] {
  const children = new Map<number, number[]>();
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    const parent = parentOf(pid);
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(pid)]);
  }
  const found: number[] = [];
  const collect = (pid: number): void => {
    for (const child of children.get(pid) ?? []) {
      found.push(child);
      collect(child);
    }
  };
  collect(root);
  return found;
}

function parentOf(pid: string): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}

function nameOf(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim();
  } catch {
    return undefined;
  }
}
