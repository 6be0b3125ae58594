/**
 * File names on Linux are bytes; in OneBuild they are strings. UTF-8 becomes the characters it means; each byte that is
 * not part of valid UTF-8 becomes a lone surrogate U+DC80 to U+DCFF (0xDC00 + byte; the idea of Python's PEP 383), so
 * that {@link encodePath} gives back exactly the bytes. JSON keeps such strings (`"\udcff"`); Node's file functions do
 * not: hand them `encodePath(path)` where `path.isWellFormed()` is false.
 */
export function decodePath(bytes: Uint8Array): string {
  const buffer = asBuffer(bytes);
  const text = buffer.toString('utf8');
  return text.includes('\ufffd') ? decodeWithEscapes(buffer) : text;
}

/** The bytes of a name that {@link decodePath} made. */
export function encodePath(path: string): Uint8Array {
  if (path.isWellFormed()) return Buffer.from(path, 'utf8');
  const parts: Buffer[] = [];
  // A lone surrogate is one that no pair holds; the `u` flag sees pairs as one character.
  for (const [part] of path.matchAll(/[\udc80-\udcff]|[^\udc80-\udcff]+/gu)) {
    const unit = part.charCodeAt(0);
    const escaped = part.length === 1 && unit >= 0xdc80 && unit <= 0xdcff;
    parts.push(escaped ? Buffer.from([unit - 0xdc00]) : Buffer.from(part, 'utf8'));
  }
  return Buffer.concat(parts);
}

export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function decodeWithEscapes(bytes: Buffer): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length === 0) text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
    else text += bytes.toString('utf8', at, at + length);
    at += length || 1;
  }
  return text;
}

/** Bytes of the valid UTF-8 sequence at `at` (RFC 3629, section 4), or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const lead = bytes[at] ?? 0;
  if (lead < 0x80) return 1;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || at + length > bytes.length) return 0;
  for (let next = at + 1; next < at + length; next++) {
    if (((bytes[next] ?? 0) & 0xc0) !== 0x80) return 0;
  }
  const second = bytes[at + 1] ?? 0;
  const bad =
    (lead === 0xe0 && second < 0xa0) ||
    (lead === 0xed && second > 0x9f) ||
    (lead === 0xf0 && second < 0x90) ||
    (lead === 0xf4 && second > 0x8f);
  return bad ? 0 : length;
}
