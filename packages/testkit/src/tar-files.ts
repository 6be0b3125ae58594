export interface TarFile {
  readonly path: string;
  readonly mode: number;
  readonly content: Buffer;
}

const block = 512;

/** A plain ustar archive of regular files, owned by root, at the epoch. Paths have 100 bytes at most. */
export function tarFiles(files: readonly TarFile[]): Buffer {
  const parts = files.flatMap(({ content, ...file }) => [
    header(file.path, file.mode, content.length),
    content,
    Buffer.alloc((block - (content.length % block)) % block),
  ]);
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

/** POSIX.1-1988, `ustar`. The checksum is taken with spaces in its own field. */
function header(path: string, mode: number, size: number): Buffer {
  const bytes = Buffer.alloc(block);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  bytes.write(path, 0, 100);
  bytes.write(octal(mode, 7), 100);
  bytes.write(octal(0, 7), 108);
  bytes.write(octal(0, 7), 116);
  bytes.write(octal(size, 11), 124);
  bytes.write(octal(0, 11), 136);
  bytes.write('        0', 148);
  bytes.write('ustar\u000000', 257);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return bytes;
}
