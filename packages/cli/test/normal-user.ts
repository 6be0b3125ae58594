import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  findProgram,
  requireBusybox,
  requirePart,
  requireProgram,
  type Skips,
  tryProgram,
} from '@onebuild/testkit';
import { command } from './start-command.ts';

/** A user of the system with ranges of ids, for one test file. */
export interface NormalUser {
  readonly name: string;
  readonly id: number;
  readonly home: string;
}

const canMakeUsers = process.getuid?.() === 0 && findProgram('useradd') !== undefined;

/** Whether a user can be made here, and has what a rootless build needs. */
export const hasNormalUsers = canMakeUsers && findProgram('newuidmap') !== undefined;

/** `name` starts the user's name; the home is a folder in `scratch`, which everybody may enter from then on. */
export function makeUser(scratch: string, name: string): NormalUser {
  const full = `${name}${process.pid}`;
  execFileSync('/usr/sbin/useradd', ['--no-create-home', '--shell', '/bin/sh', full]);
  const id = Number(execFileSync('id', ['-u', full], { encoding: 'utf8' }));
  const home = join(scratch, 'user');
  mkdirSync(home);
  chmodSync(scratch, 0o755);
  chownSync(home, id, id);
  return { name: full, id, home };
}

export function removeUser({ name }: NormalUser): void {
  spawnSync('/usr/sbin/userdel', ['-f', name]);
}

/** Words before a command that make it the user's, with the store `store`. */
export function asUser(user: NormalUser, store: string): [string, ...string[]] {
  const id = String(user.id);
  const env = [`HOME=${user.home}`, `ONEBUILD_HOME=${store}`, `PATH=${process.env['PATH']}`, 'NO_COLOR=1'];
  return ['setpriv', '--reuid', id, '--regid', id, '--clear-groups', '--', 'env', '-i', ...env];
}

/** Skips the test, loudly, where a normal user cannot run the command here. */
export async function requireUser(t: Skips, user: NormalUser | undefined): Promise<boolean> {
  if (!requirePart(t, canMakeUsers, 'making a user needs root')) return false;
  if (!requireProgram(t, 'newuidmap', 'apt-get install uidmap') || !requireBusybox(t)) return false;
  if (!requireProgram(t, 'crun', 'apt-get install crun') || user === undefined) return false;
  const { code } = await tryProgram([...asUser(user, '/nowhere'), 'test', '-x', command]);
  return requirePart(t, code === 0, `other users can't run ${command}`);
}
