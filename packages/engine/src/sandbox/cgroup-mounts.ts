import { readFileSync } from 'node:fs';

/** A cgroup hierarchy as this process sees it. */
export interface CgroupMount {
  readonly version: 1 | 2;
  /** Controllers of a version 1 hierarchy. */
  readonly controllers: readonly string[];
  readonly mountPoint: string;
  /** Folder of this process' own group; undefined where it is not below the mount point. */
  readonly own: string | undefined;
}

/** Reads /proc/self/mountinfo and /proc/self/cgroup: proc(5), cgroups(7). */
export function readCgroupMounts(
  mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8'),
  membership: string = readFileSync('/proc/self/cgroup', 'utf8'),
): readonly CgroupMount[] {
  const groups = new Map<string, string>();
  for (const line of membership.split('\n')) {
    const [, controllers, path = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === undefined) continue;
    for (const name of controllers.split(',')) groups.set(name, path);
  }
  const mounts: CgroupMount[] = [];
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ', 2);
    const [, , , root = '', mountPoint = ''] = before.split(' ');
    const [type, , superOptions = ''] = after.split(' ');
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    const controllers =
      type === 'cgroup2' ? [] : superOptions.split(',').filter((option) => groups.has(option));
    const own = groups.get(type === 'cgroup2' ? '' : (controllers[0] ?? `name=${superOptions}`));
    mounts.push({
      version: type === 'cgroup2' ? 2 : 1,
      controllers,
      mountPoint,
      own: own === undefined ? undefined : below(mountPoint, root, own),
    });
  }
  return mounts;
}

/** A container's mount shows only a part of the hierarchy, beginning at `root`. */
function below(mountPoint: string, root: string, group: string): string | undefined {
  if (root === '/') return group === '/' ? mountPoint : mountPoint + group;
  if (group === root) return mountPoint;
  return group.startsWith(`${root}/`) ? mountPoint + group.slice(root.length) : undefined;
}
