import { fileURLToPath } from 'node:url';
import { besideModule } from '../posix/beside-module.ts';
import { readCgroupMounts } from './cgroup-mounts.ts';
import { findTool } from './find-tools.ts';
import type { LauncherStep } from './launcher.ts';
import type { Runtime } from './runtime.ts';

type Find = (name: string) => string | undefined;

/** The runtime of that name, if it is installed. `unshare` is our own and always there. */
export function findRuntime(
  name: Runtime['name'],
  options: { readonly rootless: boolean; readonly find?: Find },
): Runtime | undefined {
  const find = options.find ?? findTool;
  if (name === 'unshare') return unshareRuntime();
  const path = find(name);
  if (path === undefined) return undefined;
  return name === 'crun' ? crun(path) : runc(path, options);
}

/** Limits are set from outside, so control groups are none of the runtime's business. */
function crun(path: string): Runtime {
  return {
    name: 'crun',
    filters: 'list or program',
    steps: hideHybridGroups(),
    namespaces: () => [],
    command: ({ id }) => runCommand(path, '--cgroup-manager=disabled', id),
  };
}

/** crun refuses machines that have control groups of both versions, even when it shall not use any. */
function hideHybridGroups(): readonly LauncherStep[] {
  const versions = new Set(readCgroupMounts().map(({ version }) => version));
  return versions.size > 1 ? [{ do: 'tmpfs', options: 'ro', at: '/sys/fs/cgroup' }] : [];
}

/** runc makes control groups in any case; where it can't write it does without, when told that this is no fault (`--rootless`). */
function runc(path: string, { rootless }: { readonly rootless: boolean }): Runtime {
  const frozen = rootless ? [] : readCgroupMounts().map(({ mountPoint }) => mountPoint);
  return {
    name: 'runc',
    filters: 'list',
    steps: frozen.map((mountPoint) => ({ do: 'freeze', mountPoint })),
    namespaces: () => [],
    command: ({ id }) => runCommand(path, '--rootless=true', id),
  };
}

function runCommand(path: string, option: string, id: string): readonly string[] {
  const log = ['--log', '../runtime.log', '--log-format=json'];
  return [path, '--root', 'state', option, ...log, 'run', '--no-new-keyring', id];
}

function unshareRuntime(): Runtime {
  const program = fileURLToPath(besideModule('./unshare/run-bundle', import.meta.url));
  return {
    name: 'unshare',
    filters: 'program',
    steps: [],
    namespaces: ({ network }) => ['--uts', '--ipc', ...(network === 'none' ? ['--net'] : [])],
    command: (_, joinFiles) => [process.execPath, program, ...joinFiles],
    joins: true,
  };
}
