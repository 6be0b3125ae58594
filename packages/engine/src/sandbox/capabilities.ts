import { readFileSync } from 'node:fs';

/** Linux capabilities by number: capability.h. */
const names = [
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE',
  'NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN',
  'SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE',
  'MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE',
]
  .join(' ')
  .split(' ')
  .map((name) => `CAP_${name}`);

/** What Docker gives to containers. */
const usual = new Set(
  'CHOWN DAC_OVERRIDE FOWNER FSETID KILL SETGID SETUID SETPCAP NET_BIND_SERVICE NET_RAW SYS_CHROOT MKNOD AUDIT_WRITE SETFCAP'
    .split(' ')
    .map((name) => `CAP_${name}`),
);

/** Capabilities that a command may get: Docker's for `sandbox`, all that this process may give for `insecure`. */
export function capabilitiesFor(security: 'sandbox' | 'insecure'): readonly string[] {
  const bounding = boundingSet();
  return names.filter(
    (name, bit) => (bounding >> BigInt(bit)) & 1n && (security === 'insecure' || usual.has(name)),
  );
}

/** Number of a capability; -1 for an unknown one. */
export function capabilityNumber(name: string): number {
  return names.indexOf(name);
}

export const capabilityCount = names.length;

function boundingSet(): bigint {
  const [, hex = '0'] = /^CapBnd:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1')) ?? [];
  return BigInt(`0x${hex}`);
}
