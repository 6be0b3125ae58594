import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { fault } from '@onebuild/core';
import type { CliContext } from './cli-context.ts';
import { restoreAtExit } from './display/restore-terminal.ts';
import { exitCodes } from './exit-code.ts';

/** Set for the process that runs inside the namespace. */
const marker = 'ONEBUILD_ROOTLESS';
const unshare = ['unshare', '--user', '--map-root-user', '--map-auto', '--mount'] as const;
/** What runs inside ends with us, however we end. */
const follower = ['setpriv', '--pdeathsig', 'KILL', '--'] as const;

export type Privilege =
  /** Root of the machine. */
  | 'root'
  /** Root of a user namespace: files can have all owners, and mounts are possible. */
  | 'rootless'
  /** A plain user, who needs a namespace first. */
  | 'user';

export function findPrivilege({ uid, env }: Pick<CliContext, 'uid' | 'env'>): Privilege {
  if (uid !== 0) return 'user';
  return env[marker] === '1' || !mapsAllUsers() ? 'rootless' : 'root';
}

/** False inside a user namespace (user_namespaces(7), /proc/self/uid_map). */
function mapsAllUsers(): boolean {
  try {
    return /^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'utf8'));
  } catch {
    return true;
  }
}

/**
 * Runs this command line again as root of a new user namespace, with the ranges of /etc/subuid and /etc/subgid.
 * Returns its exit code.
 * @throws ROOTLESS_UNAVAILABLE with what is missing
 */
export async function runInUserNamespace(
  context: CliContext,
  env: Readonly<Record<string, string>>,
): Promise<number> {
  checkUserNamespace();
  const [program, ...flags] = unshare;
  const child = spawn(program, [...flags, '--', ...follower, ...context.self, ...context.args], {
    stdio: 'inherit',
    env: { ...context.env, ...env, [marker]: '1' },
  });
  const stop = (): void => {
    child.kill('SIGTERM');
  };
  context.signal.addEventListener('abort', stop, { once: true });
  // what runs inside dies with us, and cannot give the terminal back then
  const forget = context.stderr.isTTY === true ? restoreAtExit(context.stderr) : () => {};
  try {
    const code = await new Promise<number>((resolve, reject) => {
      child.once('error', (cause) =>
        reject(fault('ROOTLESS_UNAVAILABLE', 'unshare cannot be started', { cause })),
      );
      child.once('close', (code, signal) => resolve(code ?? (signal === null ? 1 : 143)));
    });
    // it was stopped by us: the signal that we got says how
    return context.signal.aborted && code > 128 ? exitCodes.canceled : code;
  } finally {
    context.signal.removeEventListener('abort', stop);
    forget();
  }
}

function checkUserNamespace(): void {
  const { username } = userInfo();
  for (const file of ['/etc/subuid', '/etc/subgid']) {
    if (!hasRange(file, username)) {
      throw fault('ROOTLESS_UNAVAILABLE', `${file} gives ${username} no range of ids`, {
        hint: `As root: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${username}`,
      });
    }
  }
  const [program, ...flags] = unshare;
  const { error, status, stderr } = spawnSync(program, [...flags, '--', ...follower, 'true'], {
    encoding: 'utf8',
  });
  if (error === undefined && status === 0) return;
  const why = error === undefined ? stderr.trim().slice(0, 300) : error.message;
  throw fault('ROOTLESS_UNAVAILABLE', `a user namespace cannot be made: ${why}`, {
    hint: 'As root: apt-get install uidmap; and allow user namespaces (sysctl kernel.unprivileged_userns_clone=1, on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0).',
  });
}

function hasRange(file: string, username: string): boolean {
  try {
    const uid = String(userInfo().uid);
    return readFileSync(file, 'utf8')
      .split('\n')
      .some((line) => line.startsWith(`${username}:`) || line.startsWith(`${uid}:`));
  } catch {
    return false;
  }
}
