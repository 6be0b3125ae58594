import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { requirePart, type Skips } from '@onebuild/testkit';
import { readCgroupMounts } from './cgroup-mounts.ts';
import type { Sandbox, SandboxResult, SandboxSpec } from './sandbox.ts';

const busybox = '/bin/busybox';
const applets =
  'sh true cat ls id touch rm mkdir rmdir sleep env dd mv chmod ln stat hostname setsid head ip tee df od unshare linux32 uname chroot grep';

export function requireBusybox(t: Skips): boolean {
  return requirePart(t, existsSync(busybox), 'busybox is not there: apt-get install busybox-static');
}

/** A layer that commands can run in: /bin, /etc with a file, a folder to remove. */
export function makeLayer(folder: string): string {
  for (const name of ['bin', 'dev', 'etc', 'old/deep', 'proc', 'sys', 'tmp'])
    mkdirSync(`${folder}/${name}`, { recursive: true });
  copyFileSync(busybox, `${folder}/bin/busybox`);
  for (const name of applets.split(' ')) symlinkSync('busybox', `${folder}/bin/${name}`);
  writeFileSync(`${folder}/etc/motd`, 'welcome\n');
  writeFileSync(`${folder}/old/deep/file`, 'old\n');
  return folder;
}

export interface Outcome extends SandboxResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly upper: string;
}

let count = 0;

/** Runs a shell line on top of `lower`, with folders for its changes in `folder`. */
export async function runLine(
  sandbox: Sandbox,
  line: string | readonly string[],
  options: {
    readonly folder: string;
    readonly lowers: readonly string[];
    readonly signal?: AbortSignal;
  } & Partial<Omit<SandboxSpec, 'root' | 'args'>>,
): Promise<Outcome> {
  const { folder, lowers, signal = new AbortController().signal, ...spec } = options;
  const id = `t${process.pid}-${++count}`;
  const root = { lowers, upper: `${folder}/${id}-upper`, work: `${folder}/${id}-work` };
  mkdirSync(root.upper, { mode: 0o755 });
  mkdirSync(root.work);
  const output = { stdout: '', stderr: '' };
  const result = await sandbox.run(
    {
      id,
      root,
      mounts: [],
      args: typeof line === 'string' ? ['/bin/sh', '-c', line] : line,
      env: ['PATH=/bin', 'HOME=/'],
      cwd: '/',
      user: { uid: 0, gid: 0, additionalGids: [] },
      network: 'host',
      hostname: 'sandbox',
      extraHosts: [],
      limits: {},
      security: 'sandbox',
      ...spec,
    },
    {
      signal,
      onOutput(stream, chunk) {
        output[stream] += Buffer.from(chunk).toString('utf8');
      },
    },
  );
  return { ...result, ...output, upper: root.upper };
}

/** Processes of this machine with `mark` in their arguments. */
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

/** Control groups that a process made and that are still there, in any hierarchy. */
export function limitGroupsOf(pid: number): readonly string[] {
  const places = new Set(
    readCgroupMounts().flatMap(({ own, mountPoint }) => [own ?? mountPoint, mountPoint]),
  );
  return [...places].flatMap((place) =>
    readdirSync(place).filter((name) => name.startsWith(`onebuild-${pid}-`)),
  );
}
