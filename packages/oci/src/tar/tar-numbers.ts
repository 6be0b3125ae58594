/**
 * Number in a header field: octal digits between spaces or NULs (POSIX ustar), or base-256 when the first bit is set
 * (GNU, star). An empty field is 0; `undefined` when it is no number or no safe integer.
 */
export function readTarNumber(block: Buffer, start: number, length: number): number | undefined {
  if ((block[start] ?? 0) & 0x80) return readBase256(block, start, length);
  const end = start + length;
  let at = start;
  while (at < end && isBlank(block[at])) at++;
  let value = 0;
  for (; at < end; at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  // Whatever follows a NUL is not looked at, as in Go and GNU tar.
  while (at < end && block[at] === 0x20) at++;
  return at === end || block[at] === 0 ? value : undefined;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

function readBase256(block: Buffer, start: number, length: number): number | undefined {
  const negative = ((block[start] ?? 0) & 0x40) !== 0;
  let value = negative ? -1n : 0n;
  for (let at = start; at < start + length; at++) {
    const byte = BigInt(block[at] ?? 0);
    const kept = at === start ? (negative ? byte | 0x80n : byte & 0x7fn) : byte;
    value = (value << 8n) | kept;
  }
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** `seconds[.fraction]` of a pax record, rounded down; `undefined` when it is none (pax, "pax Extended Header"). */
export function readPaxTime(text: string): number | undefined {
  const match = /^(-?)(\d{1,16})(?:\.(\d*))?$/.exec(text);
  if (!match) return undefined;
  const [, sign, whole, fraction = ''] = match;
  const seconds = Number(whole);
  const floored = sign === '-' ? -seconds - (/[1-9]/.test(fraction) ? 1 : 0) : seconds;
  return Number.isSafeInteger(floored) ? floored + 0 : undefined;
}

/** Decimal of a pax record, not negative. */
export function readPaxNumber(text: string): number | undefined {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}
