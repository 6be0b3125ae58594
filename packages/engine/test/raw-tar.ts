/** An entry as it stands in an archive, right or wrong. */
export interface RawEntry {
  readonly name: string | Buffer;
  /** ustar type flag. Default `0`, a file. */
  readonly type?: string;
  readonly link?: string;
  readonly content?: string | Buffer;
  readonly mode?: number;
  /** Size that the header says, where it is not that of the content. */
  readonly size?: number;
}

/** An archive of just these entries. Long names and links come as GNU long names. */
export function rawTar(entries: readonly RawEntry[]): Buffer {
  return Buffer.concat([...entries.flatMap(blocksOf), Buffer.alloc(1024)]);
}

function blocksOf(entry: RawEntry): Buffer[] {
  const name = Buffer.from(entry.name as string);
  const content = Buffer.from(entry.content ?? '');
  const long: Buffer[] = [];
  if (name.length > 100) long.push(...blocksOf({ name: '././@LongLink', type: 'L', content: name }));
  if ((entry.link ?? '').length > 100)
    long.push(...blocksOf({ name: '././@LongLink', type: 'K', content: entry.link ?? '' }));
  const header = Buffer.alloc(512);
  const octal = (value: number, digits: number) => `${value.toString(8).padStart(digits, '0')}\0`;
  name.copy(header, 0, 0, 100);
  header.write(octal(entry.mode ?? 0o755, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(entry.size ?? content.length, 11), 124);
  header.write(octal(0, 11), 136);
  header.write('        ', 148);
  header.write(entry.type ?? '0', 156);
  header.write((entry.link ?? '').slice(0, 100), 157);
  header.write('ustar\u000000', 257);
  header.write(octal(1, 7), 329);
  header.write(octal(3, 7), 337);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return [...long, header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
