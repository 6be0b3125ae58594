import { createHash } from 'node:crypto';
import { type Digest, fault } from '@onebuild/core';

const hexLength: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * Reads `algorithm:encoded` (OCI image spec, descriptor.md#digests); sha256, sha384 and sha512 are known.
 * @throws DIGEST_INVALID
 */
export function parseDigest(text: string): Digest {
  const [algorithm = '', hex = ''] = text.split(':', 2);
  const length = hexLength[algorithm];
  if (
    length === undefined ||
    hex.length !== length ||
    !/^[0-9a-f]+$/.test(hex) ||
    text.length !== algorithm.length + 1 + length
  ) {
    throw fault('DIGEST_INVALID', `${JSON.stringify(text.slice(0, 200))} is not a digest`);
  }
  return text as Digest;
}

export function isDigest(text: string): text is Digest {
  try {
    parseDigest(text);
    return true;
  } catch {
    return false;
  }
}

/** `sha256:...` of bytes or of a text's UTF-8 form. */
export function digestOf(data: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(data).digest('hex')}` as Digest;
}

/** The part after the colon. */
export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1);
}

/** The part before the colon. */
export function digestAlgorithm(digest: Digest): string {
  return digest.slice(0, digest.indexOf(':'));
}
