import { type TarHeaderEntry, tarHeader, tarPadding, tarTrailer } from '../src/tar/tar-header.ts';

export type Part = Partial<TarHeaderEntry> & {
  readonly path: string;
  readonly content?: string | Uint8Array;
};

/** An archive of members that are files with mode 0644, times 0 and no content where nothing else is said. */
export function makeArchive(parts: readonly Part[]): Buffer {
  return Buffer.concat([...parts.flatMap(makeMember), tarTrailer]);
}

export function makeMember({ content, ...rest }: Part): Uint8Array[] {
  const bytes = Buffer.from(content ?? '');
  const entry = {
    type: 'file' as const,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: 0,
    size: bytes.length,
    ...rest,
  };
  return [tarHeader(entry), bytes, Buffer.alloc(tarPadding(bytes.length))];
}

/** A header with fields set by hand; the checksum is made right afterwards. */
export function rawHeader(
  fields: readonly (readonly [offset: number, value: string | Uint8Array])[],
): Buffer {
  const block = Buffer.alloc(512);
  block.fill(' ', 148, 156);
  block[156] = 0x30;
  for (const [offset, value] of fields) Buffer.from(value as string, 'latin1').copy(block, offset);
  block.fill(' ', 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A member of type `flag` (`x`, `g`, `L`, `K`) that carries `body`. */
export function extension(flag: string, body: Uint8Array | string): Buffer {
  const bytes = Buffer.from(body);
  const size = `${bytes.length.toString(8).padStart(11, '0')}\0`;
  return Buffer.concat([
    rawHeader([
      [0, 'extension'],
      [124, size],
      [156, flag],
    ]),
    bytes,
    Buffer.alloc(tarPadding(bytes.length)),
  ]);
}

/** The body of a pax header. */
export function paxBody(records: Readonly<Record<string, string>>): string {
  return Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(rest);
      while (length !== Buffer.byteLength(rest) + String(length).length) {
        length = Buffer.byteLength(rest) + String(length).length;
      }
      return `${length}${rest}`;
    })
    .join('');
}
