import { type Digest, isFault } from '@onebuild/core';
import { digestAlgorithm, parseDigest } from '@onebuild/oci';
import type { DigestAlgorithm } from './store/registry-store.ts';

/** OCI distribution spec, "Pulling manifests". Separators stand between letters, so it matches in linear time. */
const namePattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/;
const tagPattern = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const uploadPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Clients bound host and name together at 255; a name alone may not be longer here. */
export function isRepositoryName(text: string): boolean {
  return text.length <= 255 && namePattern.test(text);
}

export function isTag(text: string): boolean {
  return tagPattern.test(text);
}

export function isUploadId(text: string): boolean {
  return uploadPattern.test(text);
}

export function isDigestAlgorithm(text: string): text is DigestAlgorithm {
  return text === 'sha256' || text === 'sha512';
}

/** The digest, or undefined where it isn't one or its algorithm isn't served. */
export function readDigest(text: string): Digest | undefined {
  try {
    const digest = parseDigest(text);
    return isDigestAlgorithm(digestAlgorithm(digest)) ? digest : undefined;
  } catch (error) {
    if (isFault(error, 'DIGEST_INVALID')) return undefined;
    throw error;
  }
}

export function algorithmOf(digest: Digest): DigestAlgorithm {
  return digestAlgorithm(digest) === 'sha512' ? 'sha512' : 'sha256';
}
