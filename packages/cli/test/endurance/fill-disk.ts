import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { SmallDisk } from '../small-disk.ts';
import type { Ended } from '../start-command.ts';
import type { Project } from './world.ts';

/** More than any of our builds needs. Bytes. */
export const largeDisk = 256 * 2 ** 20;

/** One error, of the right kind, that names the place and what helps. */
export function assertFull({ code, stderr }: Ended, place: string): void {
  assert.equal(code, 8, stderr);
  assert.equal(stderr.split(/^error /m).length, 2, stderr);
  const line = /^error DISK_FULL: no room is left on the disk of .*$/m.exec(stderr)?.[0];
  assert.ok(line?.includes(place), stderr);
  assert.match(stderr, /^ {2}hint: \S/m);
  assert.doesNotMatch(stderr, /\n\s+at |INTERNAL/);
}

export async function assertVerified(disk: SmallDisk, home: string): Promise<void> {
  const { stdout, stderr } = await disk.run(['store', 'verify'], { home });
  assert.match(stdout, /^\d+ items checked, 0 damaged$/m, stderr);
}

/** Builds on a disk of its own; gives how much of it a build needs. Bytes. */
export async function measureDisk(disk: SmallDisk, project: Project): Promise<number> {
  disk.renew(largeDisk);
  const home = join(disk.path, 'home');
  const { stdout } = await disk.run(['build', '--quiet', project.context], { home });
  assert.equal(stdout.trim(), project.imageId);
  return disk.used();
}

/**
 * Builds in a new store on a disk of `size` bytes, which has to fail in order where that is not enough; then there is room, and the same
 * build has to succeed.
 * @returns what the first build said, undefined where the disk was large enough
 */
export async function fillDisk(
  disk: SmallDisk,
  project: Project,
  options: { readonly size: number; readonly verify: boolean },
): Promise<string | undefined> {
  const home = join(disk.path, 'home');
  const args = ['build', '--quiet', project.context];
  disk.renew(4096 * Math.max(1, Math.round(options.size / 4096)));
  const full = await disk.run(args, { home });
  if (full.code !== 0) assertFull(full, home);
  disk.resize(largeDisk);
  const again = await disk.run(args, { home });
  assert.equal(again.stdout.trim(), project.imageId, again.stderr);
  const temp = join(disk.outside, 'home', 'tmp');
  assert.deepEqual(existsSync(temp) ? readdirSync(temp) : [], []);
  if (options.verify) await assertVerified(disk, home);
  return full.code === 0 ? undefined : full.stderr;
}
