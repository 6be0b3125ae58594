import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';

const ours = new Set<string>();
let started: string | undefined;

/**
 * A mark that names this process and one use of something: `PID-START-RANDOM`. Part of a file's name, it tells
 * other processes who holds the file, and whether its holder still lives.
 */
export function makeClaim(): string {
  started ??= startOf(process.pid) ?? '0';
  const claim = `${process.pid}-${started}-${randomBytes(6).toString('hex')}`;
  ours.add(claim);
  return claim;
}

export function dropClaim(claim: string): void {
  ours.delete(claim);
}

/** Whether the holder still lives. A process number that was given to another program since doesn't count. */
export function isHeld(claim: string): boolean {
  if (ours.has(claim)) return true;
  const [pid = '', start = ''] = claim.split('-');
  if (!/^\d{1,10}$/.test(pid) || Number(pid) === process.pid) return false;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    return (error as { code?: unknown }).code === 'EPERM';
  }
  const now = startOf(Number(pid));
  return now === undefined || now === start;
}

/** Start time of a process in clock ticks since boot (proc(5), field 22), where the system tells it; of one that has ended and that nobody waited for yet, no time at all. */
function startOf(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const [state = '', ...rest] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return /[ZXx]/.test(state) ? 'ended' : rest[18];
  } catch {
    return undefined;
  }
}
