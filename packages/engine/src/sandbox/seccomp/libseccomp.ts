import type { SeccompRule } from './seccomp-filter.ts';

/** The part of libseccomp (seccomp_init(3), seccomp_rule_add(3)) that filters are made with. */
export interface Libseccomp {
  /** @returns the filter; it has to be released */
  init(action: number): number;
  release(filter: number): void;
  setAttribute(filter: number, attribute: number, value: number): number;
  archToken(name: string): number;
  addArch(filter: number, token: number): number;
  /** @returns -1 for a name that this version doesn't know */
  callNumber(name: string): number;
  addRule(filter: number, rule: { action: number; call: number; condition: Condition | undefined }): number;
  /** The program for the kernel. */
  program(filter: number): Buffer;
}

export type Condition = NonNullable<SeccompRule['args']>[number];

/** The library of the system; undefined where there is none. */
export async function loadLibseccomp(): Promise<Libseccomp | undefined> {
  const [{ default: koffi }, { closeSync, fstatSync, readSync }] = await Promise.all([
    import('koffi'),
    import('node:fs'),
  ]);
  try {
    const library = koffi.load('libseccomp.so.2');
    const bind = <Arguments extends readonly unknown[]>(prototype: string) =>
      library.func(prototype) as (...args: Arguments) => number;
    const addRules = bind<[number, number, number, number, Uint8Array | null]>(
      'int seccomp_rule_add_array(intptr_t ctx, uint32_t action, int syscall, unsigned int count, const void *args)',
    );
    const exportBpf = bind<[number, number]>('int seccomp_export_bpf(intptr_t ctx, int fd)');
    const makeMemory = koffi.load(null).func('int memfd_create(const char *name, unsigned int flags)') as (
      name: string,
      flags: number,
    ) => number;
    return {
      init: bind('intptr_t seccomp_init(uint32_t action)'),
      release: bind('void seccomp_release(intptr_t ctx)'),
      setAttribute: bind('int seccomp_attr_set(intptr_t ctx, int attribute, uint32_t value)'),
      archToken: bind('uint32_t seccomp_arch_resolve_name(const char *name)'),
      addArch: bind('int seccomp_arch_add(intptr_t ctx, uint32_t token)'),
      callNumber: bind('int seccomp_syscall_resolve_name(const char *name)'),
      addRule: (filter, { action, call, condition }) =>
        addRules(filter, action, call, condition ? 1 : 0, condition ? packCondition(condition) : null),
      program(filter) {
        const memory = makeMemory('filter', closeOnExec);
        if (memory < 0) throw new Error('no memory for a filter');
        try {
          if (exportBpf(filter, memory) !== 0) throw new Error('libseccomp gives no filter');
          const bytes = Buffer.alloc(fstatSync(memory).size);
          readSync(memory, bytes, 0, bytes.length, 0);
          return bytes;
        } finally {
          closeSync(memory);
        }
      },
    };
  } catch {
    return undefined;
  }
}

const closeOnExec = 1;

/** `enum scmp_compare` */
const operators = { SCMP_CMP_LT: 2, SCMP_CMP_EQ: 4, SCMP_CMP_GT: 6, SCMP_CMP_MASKED_EQ: 7 } as const;

/** `struct scmp_arg_cmp` */
function packCondition({ index, op, value, valueTwo = 0 }: Condition): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(24));
  const little = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  bytes.setUint32(0, index, little);
  bytes.setUint32(4, operators[op], little);
  bytes.setBigUint64(8, BigInt(value), little);
  bytes.setBigUint64(16, BigInt(valueTwo), little);
  return new Uint8Array(bytes.buffer);
}
