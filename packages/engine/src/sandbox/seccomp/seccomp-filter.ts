import { allowedCalls, callsOfCapability } from './allowed-calls.ts';
import { blockedCalls } from './blocked-calls.ts';

/** The part of `linux.seccomp` (OCI runtime spec, config-linux.md#seccomp) that is used. */
export interface SeccompFilter {
  readonly defaultAction: 'SCMP_ACT_ERRNO';
  readonly defaultErrnoRet: number;
  /** The machine's own one first. */
  readonly architectures: readonly string[];
  readonly syscalls: readonly SeccompRule[];
}

export interface SeccompRule {
  readonly names: readonly string[];
  readonly action: 'SCMP_ACT_ALLOW' | 'SCMP_ACT_ERRNO';
  readonly errnoRet?: number;
  /** All have to be true. */
  readonly args?: readonly {
    readonly index: number;
    readonly op: 'SCMP_CMP_EQ' | 'SCMP_CMP_LT' | 'SCMP_CMP_GT' | 'SCMP_CMP_MASKED_EQ';
    readonly value: number;
    /** For SCMP_CMP_MASKED_EQ, where `value` is the mask: what has to be left of the argument. */
    readonly valueTwo?: number;
  }[];
}

const EPERM = 1;
const ENOSYS = 38;

/** An emulated program's calls are made by its emulator, so it is the machine's architecture that counts, not the image's. */
const architectures: Readonly<Partial<Record<NodeJS.Architecture, readonly string[]>>> = {
  x64: ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'],
  arm64: ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'],
  arm: ['SCMP_ARCH_ARM'],
  ia32: ['SCMP_ARCH_X86'],
  ppc64: ['SCMP_ARCH_PPC64LE'],
  s390x: ['SCMP_ARCH_S390X', 'SCMP_ARCH_S390'],
  riscv64: ['SCMP_ARCH_RISCV64'],
  loong64: ['SCMP_ARCH_LOONGARCH64'],
};

/** clone(2): CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET. */
const namespaceFlags = [
  0x0002_0000, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000,
];
const anyNamespace = namespaceFlags.reduce((sum, flag) => sum + flag, 0);
/** personality(2): PER_LINUX, PER_LINUX32, both with UNAME26, and the question what it is. */
const personalities = [0, 0x0008, 0x2_0000, 0x2_0008, 0xffff_ffff];
/** Its flags from ADDR_NO_RANDOMIZE to ADDR_LIMIT_3GB: they switch protections off. */
const personalityFlags = Array.from({ length: 10 }, (_, at) => 0x4_0000 * 2 ** at);
/** Bits that no flag has; they tell flags from the question. */
const noPersonality = 0xf000_0000;
/** socket(2): the kernel's cryptography, the hypervisor's side; both reach past namespaces. */
const AF_ALG = 38;
const AF_VSOCK = 40;

/**
 * What system calls a step with `capabilities` may make: what Docker allows to containers by default.
 * @returns undefined for machines that no filter is known for
 */
export function createSeccompFilter(
  capabilities: readonly string[],
  machine: NodeJS.Architecture = process.arch,
): SeccompFilter | undefined {
  const known = architectures[machine];
  if (known === undefined) return undefined;
  const granted = new Set(capabilities);
  const conditional = Object.entries(callsOfCapability);
  const open = conditional.filter(([name]) => granted.has(name)).map(([, calls]) => calls);
  const shut = conditional.filter(([name]) => !granted.has(name)).map(([, calls]) => calls);
  return {
    defaultAction: 'SCMP_ACT_ERRNO',
    defaultErrnoRet: ENOSYS,
    architectures: known,
    syscalls: [
      allow(...[...Object.values(allowedCalls), ...open].flatMap(words)),
      refuse(EPERM, ...[...Object.values(blockedCalls), ...shut].flatMap(words)),
      ...personalityRules,
      ...socketRules,
      ...cloneRules(machine),
    ],
  };
}

const personalityRules: readonly SeccompRule[] = [
  ...personalities.map((value) => when(allow('personality'), { index: 0, op: 'SCMP_CMP_EQ', value })),
  ...personalityFlags.map((flag) =>
    when(refuse(EPERM, 'personality'), {
      index: 0,
      op: 'SCMP_CMP_MASKED_EQ',
      value: noPersonality + flag,
      valueTwo: flag,
    }),
  ),
];

const socketRules: readonly SeccompRule[] = [
  when(allow('socket'), { index: 0, op: 'SCMP_CMP_LT', value: AF_ALG }),
  when(allow('socket'), { index: 0, op: 'SCMP_CMP_EQ', value: AF_ALG + 1 }),
  when(allow('socket'), { index: 0, op: 'SCMP_CMP_GT', value: AF_VSOCK }),
  when(refuse(EPERM, 'socket'), { index: 0, op: 'SCMP_CMP_EQ', value: AF_ALG }),
  when(refuse(EPERM, 'socket'), { index: 0, op: 'SCMP_CMP_EQ', value: AF_VSOCK }),
];

/** clone3 gets ENOSYS like all that is unknown: its flags are in memory, out of reach of a filter. Programs then take clone. */
function cloneRules(machine: NodeJS.Architecture): readonly SeccompRule[] {
  // clone(2), "C library/kernel differences": s390 has the stack first.
  const index = machine === 's390x' ? 1 : 0;
  return [
    when(allow('clone'), { index, op: 'SCMP_CMP_MASKED_EQ', value: anyNamespace, valueTwo: 0 }),
    ...namespaceFlags.map((flag) =>
      when(refuse(EPERM, 'clone'), { index, op: 'SCMP_CMP_MASKED_EQ', value: flag, valueTwo: flag }),
    ),
  ];
}

function allow(...names: readonly string[]): SeccompRule {
  return { names, action: 'SCMP_ACT_ALLOW' };
}

function refuse(errnoRet: number, ...names: readonly string[]): SeccompRule {
  return { names, action: 'SCMP_ACT_ERRNO', errnoRet };
}

function when(rule: SeccompRule, condition: NonNullable<SeccompRule['args']>[number]): SeccompRule {
  return { ...rule, args: [condition] };
}

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
