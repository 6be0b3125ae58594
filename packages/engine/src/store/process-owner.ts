import { readFileSync } from 'node:fs';

/** Names a process so that a later one with the same number isn't taken for it: `pid:start time`. Linux, proc(5). */
export function processOwner(pid: number): string {
  return `${pid}:${startTime(pid) ?? '0'}`;
}

export function isOwnerAlive(owner: string): boolean {
  const [pid = '', start = ''] = owner.split(':', 2);
  return startTime(Number(pid)) === start;
}

/**
 * Field 22 of /proc/PID/stat; the second field may hold spaces and brackets, so counting starts behind its last bracket. undefined for a
 * process that has ended and that nobody waited for yet: it holds nothing any more.
 */
function startTime(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return /[ZXx]/.test(state) ? undefined : rest[18];
  } catch {
    return undefined;
  }
}
