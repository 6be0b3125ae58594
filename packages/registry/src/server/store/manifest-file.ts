import type { StoredManifest } from './registry-store.ts';

const newline = 0x0a;

/** A manifest's file: its media type on a line, then its bytes as they were pushed. */
export function encodeManifest(manifest: StoredManifest): Buffer {
  return Buffer.concat([Buffer.from(`${manifest.mediaType}\n`), manifest.bytes]);
}

export function decodeManifest(file: Buffer): Pick<StoredManifest, 'mediaType' | 'bytes'> {
  const end = file.indexOf(newline);
  return { mediaType: file.toString('utf8', 0, end), bytes: file.subarray(end + 1) };
}
