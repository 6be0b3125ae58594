import { fault } from '@onebuild/core';

/** How a stream is compressed. */
export type ArchiveFormat = 'none' | 'gzip' | 'zstd' | 'bzip2' | 'xz';

const magics: readonly (readonly [ArchiveFormat, readonly number[]])[] = [
  ['gzip', [0x1f, 0x8b, 0x08]],
  ['zstd', [0x28, 0xb5, 0x2f, 0xfd]],
  ['bzip2', [0x42, 0x5a, 0x68]],
  ['xz', [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Bytes that {@link detectFormat} looks at. */
export const magicSize = 6;

/** By the first bytes of a stream; what is not known counts as not compressed. */
export function detectFormat(start: Uint8Array): ArchiveFormat {
  const known = magics.find(([, magic]) => magic.every((byte, at) => start[at] === byte));
  if (known !== undefined) return known[0];
  // RFC 8878, section 3.1.2: a stream may begin with a skippable frame.
  const skippable = start[0] !== undefined && (start[0] & 0xf0) === 0x50;
  return skippable && start[1] === 0x2a && start[2] === 0x4d && start[3] === 0x18 ? 'zstd' : 'none';
}

/**
 * By the media type of a layer: OCI's `+gzip` and `+zstd`, Docker's `.gzip` and `.zstd`.
 * @throws MANIFEST_INVALID for a compression nobody defined
 */
export function formatOfMediaType(mediaType: string): ArchiveFormat {
  if (/[.+]gzip$/.test(mediaType)) return 'gzip';
  if (/[.+]zstd$/.test(mediaType)) return 'zstd';
  if (/[.]tar$/.test(mediaType)) return 'none';
  throw fault(
    'MANIFEST_INVALID',
    `${JSON.stringify(mediaType.slice(0, 200))} is not a media type of a layer`,
  );
}
