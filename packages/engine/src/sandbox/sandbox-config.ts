import { readFileSync } from 'node:fs';
import { capabilitiesFor } from './capabilities.ts';
import { hostDevices } from './host-devices.ts';
import type { SandboxSpec } from './sandbox.ts';
import type { PreparedFilter } from './seccomp/prepare-filter.ts';
import type { SeccompFilter } from './seccomp/seccomp-filter.ts';

/** A mount of the OCI runtime spec (config.md#mounts). */
export interface ConfigMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface ConfigDevice {
  readonly path: string;
  readonly type: 'c' | 'b';
  readonly major: number;
  readonly minor: number;
  readonly fileMode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The part of the OCI runtime spec's config.json (v1.0) that steps use. */
export interface SandboxConfig {
  readonly ociVersion: '1.0.2';
  readonly process: {
    readonly terminal: false;
    readonly user: {
      readonly uid: number;
      readonly gid: number;
      readonly umask: number;
      readonly additionalGids: readonly number[];
    };
    readonly args: readonly string[];
    readonly env: readonly string[];
    readonly cwd: string;
    readonly capabilities: Readonly<Record<'bounding' | 'effective' | 'permitted', readonly string[]>>;
    readonly rlimits: readonly { readonly type: string; readonly soft: number; readonly hard: number }[];
    readonly noNewPrivileges: false;
  };
  readonly root: { readonly path: string; readonly readonly: false };
  readonly hostname: string;
  readonly mounts: readonly ConfigMount[];
  readonly linux: {
    readonly namespaces: readonly { readonly type: string }[];
    readonly devices: readonly ConfigDevice[];
    readonly maskedPaths: readonly string[];
    readonly readonlyPaths: readonly string[];
    readonly seccomp?: SeccompFilter;
  };
  /** `run.oci.seccomp_bpf_data`: the filter as a program, in base64; crun and our own runtime take it. */
  readonly annotations?: { readonly 'run.oci.seccomp_bpf_data': string };
}

export interface ConfigOptions {
  /** Path of the root, relative to the bundle or absolute. */
  readonly root: string;
  /** Mounts of the step, after the system's own. */
  readonly mounts: readonly ConfigMount[];
  readonly rootless: boolean;
  /** For commands that are not `insecure`. */
  readonly filter?: PreparedFilter | undefined;
}

/** What Docker hides from containers, and what it keeps them from writing. */
const maskedPaths = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];
const readonlyPaths = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

/** Docker's default, bytes. */
const defaultShmSize = 64 * 1024 * 1024;

export function createSandboxConfig(spec: SandboxSpec, options: ConfigOptions): SandboxConfig {
  const insecure = spec.security === 'insecure';
  const capabilities = capabilitiesFor(spec.security);
  const granted = spec.user.uid === 0 ? capabilities : [];
  const { filter, program } = (!insecure && options.filter) || {};
  return {
    ociVersion: '1.0.2',
    process: {
      terminal: false,
      user: { ...spec.user, umask: 0o022 },
      args: spec.args,
      env: spec.env,
      cwd: spec.cwd,
      capabilities: { bounding: capabilities, effective: granted, permitted: granted },
      rlimits: openFilesLimit(),
      noNewPrivileges: false,
    },
    root: { path: options.root, readonly: false },
    hostname: spec.hostname,
    mounts: [...systemMounts(spec, options), ...options.mounts],
    linux: {
      namespaces: ['pid', 'ipc', 'uts', 'mount', ...(spec.network === 'none' ? ['network'] : [])].map(
        (type) => ({
          type,
        }),
      ),
      devices: insecure ? hostDevices() : [],
      maskedPaths: insecure ? [] : maskedPaths,
      readonlyPaths: insecure ? [] : readonlyPaths,
      ...(filter && { seccomp: filter }),
    },
    ...(program !== undefined && { annotations: { 'run.oci.seccomp_bpf_data': program } }),
  };
}

function systemMounts(spec: SandboxSpec, { rootless }: ConfigOptions): readonly ConfigMount[] {
  const kept = ['nosuid', 'noexec', 'nodev'];
  const shmSize = spec.limits.shmSize ?? defaultShmSize;
  // The group of terminals is not mapped in every user namespace.
  const terminals = [
    'nosuid',
    'noexec',
    'newinstance',
    'ptmxmode=0666',
    'mode=0620',
    ...(rootless ? [] : ['gid=5']),
  ];
  return [
    { destination: '/proc', type: 'proc', source: 'proc', options: kept },
    {
      destination: '/dev',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
    },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: terminals },
    {
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: [...kept, 'mode=1777', `size=${shmSize}`],
    },
    { destination: '/dev/mqueue', type: 'mqueue', source: 'mqueue', options: kept },
    systemFiles(spec, rootless),
  ];
}

/** sysfs shows a network namespace and can only be mounted by the owner of that: a user namespace binds the host's. */
function systemFiles(spec: SandboxSpec, rootless: boolean): ConfigMount {
  const options = ['nosuid', 'noexec', 'nodev', ...(spec.security === 'insecure' ? [] : ['ro'])];
  if (rootless && spec.network === 'host') {
    return { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', ...options] };
  }
  return { destination: '/sys', type: 'sysfs', source: 'sysfs', options };
}

/** Node raised its own soft limit, which children would inherit; some programs walk all numbers up to it. */
function openFilesLimit(): SandboxConfig['process']['rlimits'] {
  const [, hard = '4096'] =
    /^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'latin1')) ?? [];
  return [{ type: 'RLIMIT_NOFILE', soft: Math.min(65536, Number(hard)), hard: Number(hard) }];
}
