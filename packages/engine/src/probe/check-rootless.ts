import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { findTool, systemEnvironment } from '../sandbox/find-tools.ts';
import type { MachineCheck } from './machine-report.ts';

export interface RootlessOptions {
  readonly user: { readonly name: string; readonly uid: number };
  /** An empty folder. */
  readonly folder: string;
}

/** What building without root takes: user namespaces, id ranges, the programs that set them, overlayfs inside. */
export async function checkRootless({ user, folder }: RootlessOptions): Promise<readonly MachineCheck[]> {
  return [checkUidmap(), checkRanges(user), await checkNamespace(folder), await checkOverlay(folder)];
}

const needed = true;

function checkUidmap(): MachineCheck {
  const missing = ['newuidmap', 'newgidmap'].filter((name) => findTool(name) === undefined);
  const name = 'uidmap';
  if (missing.length === 0) return { name, ok: true, needed, detail: 'newuidmap and newgidmap' };
  return { name, ok: false, needed, detail: `${missing.join(', ')} missing`, fix: 'apt-get install uidmap' };
}

/** subuid(5) */
function checkRanges(user: RootlessOptions['user']): MachineCheck {
  const counts = ['/etc/subuid', '/etc/subgid'].map((file) => countIds(file, user));
  const ok = counts.every((count) => count >= 65536);
  return {
    name: 'id ranges',
    ok,
    needed,
    detail: `${user.name} has ${counts[0]} user ids and ${counts[1]} group ids`,
    ...(!ok && { fix: `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 ${user.name}` }),
  };
}

function countIds(file: string, user: RootlessOptions['user']): number {
  if (!existsSync(file)) return 0;
  let count = 0;
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const [owner, , size] = line.split(':');
    if (owner === user.name || owner === String(user.uid)) count += Number(size) || 0;
  }
  return count;
}

async function checkNamespace(folder: string): Promise<MachineCheck> {
  const name = 'user namespaces';
  const failure = await tryInNamespace(folder, 'exit 0');
  if (failure === undefined) return { name, ok: true, needed, detail: 'can be made' };
  return { name, ok: false, needed, detail: failure, ...namespaceFix() };
}

/** Switches that distributions have for them. */
function namespaceFix(): { readonly fix?: string } {
  const switches: readonly (readonly [name: string, bad: string, good: string])[] = [
    ['kernel.unprivileged_userns_clone', '0', '1'],
    ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
    ['user.max_user_namespaces', '0', '28633'],
  ];
  for (const [name, bad, good] of switches) {
    const file = `/proc/sys/${name.replaceAll('.', '/')}`;
    if (existsSync(file) && readFileSync(file, 'utf8').trim() === bad)
      return { fix: `sysctl -w ${name}=${good}` };
  }
  return {};
}

async function checkOverlay(folder: string): Promise<MachineCheck> {
  for (const name of ['lower', 'upper', 'work', 'root']) mkdirSync(`${folder}/${name}`, { recursive: true });
  const name = 'overlayfs in user namespaces';
  const options = 'userxattr,lowerdir=lower,upperdir=upper,workdir=work';
  const failure = await tryInNamespace(folder, `mount -t overlay overlay -o ${options} root`);
  if (failure === undefined) return { name, ok: true, needed: false, detail: 'works' };
  return { name, ok: false, needed: false, detail: `roots are copied for each step (${failure})` };
}

/** @returns what went wrong */
async function tryInNamespace(folder: string, script: string): Promise<string | undefined> {
  const unshare = findTool('unshare');
  if (unshare === undefined) return 'unshare is not installed';
  const flags = ['--user', '--map-root-user', '--map-auto', '--mount'];
  try {
    await promisify(execFile)(unshare, [...flags, '/bin/sh', '-c', script], {
      cwd: folder,
      env: systemEnvironment,
      timeout: 10_000,
    });
    return undefined;
  } catch (error) {
    return (error as { stderr?: string }).stderr?.trim().split('\n')[0] || (error as Error).message;
  }
}
