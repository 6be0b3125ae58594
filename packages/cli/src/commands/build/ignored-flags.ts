/** Flags that `docker build` has, or had, and that do nothing here: existing command lines go on working. */
export const ignoredFlags = [
  '--cgroup-parent <path>',
  '--compress',
  '--cpu-period <value>',
  '--cpu-quota <value>',
  '-c, --cpu-shares <value>',
  '--cpuset-cpus <list>',
  '--cpuset-mems <list>',
  '--disable-content-trust',
  '--force-rm',
  '--isolation <kind>',
  '--memory-swap <bytes>',
  '--rm',
  '--security-opt <option>',
  '--squash',
] as const;
