import type { MountEntry } from './mount-listing.ts';

/** Days by which a file's last use may be older in the cache than it was. */
const staleDays = 7;

/**
 * Whether a new snapshot would say nothing new. Times of folders don't count: many programs make a file and remove it again; nor does that a
 * file was used some days later than the cache knows.
 */
export function isSameSnapshot(before: readonly MountEntry[], now: readonly MountEntry[]): boolean {
  return before.length === now.length && before.every((entry, at) => isSameEntry(entry, now[at]));
}

function isSameEntry(before: MountEntry, now: MountEntry | undefined): boolean {
  if (now === undefined || before.path !== now.path || before.type !== now.type) return false;
  if (before.mode !== now.mode || before.uid !== now.uid || before.gid !== now.gid) return false;
  if (before.link !== now.link || (now.used ?? 0) - (before.used ?? 0) >= staleDays) return false;
  const sameTime = before.seconds === now.seconds && before.nanoseconds === now.nanoseconds;
  if (!sameTime && before.type !== 'dir') return false;
  const [chunks = [], others = []] = [before.chunks, now.chunks];
  return chunks.length === others.length && chunks.every((digest, at) => digest === others[at]);
}
