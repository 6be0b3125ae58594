/** What the kernel and binfmt_misc see of a program's architecture: elf(5). */
interface ElfTarget {
  readonly machine: number;
  readonly bits: 32 | 64;
  readonly bigEndian?: boolean;
  /** Machine code of exit(0). */
  readonly exit?: string;
}

/** By the names of OCI platforms. */
const targets: Readonly<Record<string, ElfTarget>> = {
  amd64: { machine: 62, bits: 64, exit: 'b83c00000031ff0f05' },
  386: { machine: 3, bits: 32, exit: 'b80100000031dbcd80' },
  arm64: { machine: 183, bits: 64, exit: 'a80b80d2000080d2010000d4' },
  arm: { machine: 40, bits: 32, exit: '0170a0e30000a0e3000000ef' },
  riscv64: { machine: 243, bits: 64, exit: '9308d0051305000073000000' },
  ppc64le: { machine: 21, bits: 64 },
  s390x: { machine: 22, bits: 64, bigEndian: true },
  mips64le: { machine: 8, bits: 64 },
  loong64: { machine: 258, bits: 64 },
};

const address = 0x10000;

/** First bytes of any program of an architecture; undefined for one that is not known here. */
export function elfHeader(architecture: string): Buffer | undefined {
  const target = targets[architecture];
  return target && buildProgram(target, Buffer.alloc(0));
}

/** The smallest program that does nothing and says so; undefined where we have none. */
export function elfProgram(architecture: string): Buffer | undefined {
  const target = targets[architecture];
  return target?.exit === undefined ? undefined : buildProgram(target, Buffer.from(target.exit, 'hex'));
}

function buildProgram({ machine, bits, bigEndian = false }: ElfTarget, code: Buffer): Buffer {
  const wide = bits === 64;
  const headerSize = wide ? 64 : 52;
  const segmentSize = wide ? 56 : 32;
  const total = headerSize + segmentSize + code.length;
  const bytes = Buffer.alloc(total);
  let at = 16;
  const put = (size: 2 | 4 | 8, value: number) => {
    const low = bigEndian ? at + size - 1 : at;
    for (let i = 0, rest = value; i < size; i++, rest = Math.floor(rest / 256)) {
      bytes[bigEndian ? low - i : low + i] = rest % 256;
    }
    at += size;
  };
  const word = wide ? 8 : 4;
  Buffer.from([0x7f, 0x45, 0x4c, 0x46, wide ? 2 : 1, bigEndian ? 2 : 1, 1]).copy(bytes);
  put(2, 2);
  put(2, machine);
  put(4, 1);
  put(word, address + headerSize + segmentSize);
  put(word, headerSize);
  put(word, 0);
  put(4, machine === 40 ? 0x05000000 : 0);
  for (const value of [headerSize, segmentSize, 1, 0, 0, 0]) put(2, value);
  // One loadable segment: the whole file, readable and executable.
  put(4, 1);
  if (wide) put(4, 5);
  for (const value of [0, address, address, total, total]) put(word, value);
  if (!wide) put(4, 5);
  put(word, 0x1000);
  code.copy(bytes, headerSize + segmentSize);
  return bytes;
}
