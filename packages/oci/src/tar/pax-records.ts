import { asBuffer } from '../path-bytes.ts';

/** Extended header records, key to raw value; an empty value takes the key back (pax, "pax Extended Header"). */
export type PaxRecords = ReadonlyMap<string, Buffer>;

export const noPaxRecords: PaxRecords = new Map();

/** Reads `LENGTH KEY=VALUE\n` records; a text says what is wrong. Values are copied. */
export function readPaxRecords(bytes: Uint8Array, maxRecords: number): Map<string, Buffer> | string {
  const buffer = Buffer.from(bytes);
  const records = new Map<string, Buffer>();
  let count = 0;
  for (let at = 0; at < buffer.length; ) {
    if (++count > maxRecords) return `a pax header has more than ${maxRecords} records`;
    const space = buffer.indexOf(0x20, at);
    const digits = space < 0 || space - at > 10 ? '' : buffer.toString('latin1', at, space);
    const end = /^[1-9]\d*$/.test(digits) ? at + Number(digits) : 0;
    if (end <= space + 1 || end > buffer.length || buffer[end - 1] !== 0x0a) {
      return 'a record of a pax header has a wrong length';
    }
    const equals = buffer.indexOf(0x3d, space);
    if (equals <= space + 1 || equals >= end - 1) return 'a record of a pax header has no key';
    const key = buffer.toString('utf8', space + 1, equals);
    if (key.startsWith('GNU.sparse.')) return sparseIsRefused;
    records.set(key, buffer.subarray(equals + 1, end - 1));
    at = end;
  }
  return records;
}

export const sparseIsRefused = 'sparse files are not supported; make the archive without `--sparse`';

/** One record; its length counts its own digits. */
export function paxRecord(key: string, value: Uint8Array): Uint8Array {
  const rest = Buffer.byteLength(key) + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} ${key}=`), asBuffer(value), Buffer.from('\n')]);
}
