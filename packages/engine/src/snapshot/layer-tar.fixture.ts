import { type TarHeaderEntry, tarHeader, tarPadding, tarTrailer } from '@onebuild/oci';

/** A member of an archive for tests; what isn't said is 0, modes are 0644 and 0755. */
export type Member = Pick<TarHeaderEntry, 'path' | 'type'> &
  Partial<TarHeaderEntry> & { readonly text?: string };

export function layerTar(...members: readonly Member[]): Buffer {
  const parts: Uint8Array[] = [];
  for (const { text = '', ...member } of members) {
    const content = Buffer.from(text);
    const mode = member.type === 'dir' ? 0o755 : 0o644;
    parts.push(tarHeader({ mode, uid: 0, gid: 0, mtime: 0, ...member, size: content.length }));
    parts.push(content, Buffer.alloc(tarPadding(content.length)));
  }
  return Buffer.concat([...parts, tarTrailer]);
}

/** The archive in pieces that end anywhere. */
export async function* inPieces(bytes: Buffer, size = 700): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
