import { createHash } from 'node:crypto';
import { fault } from '@onebuild/core';
import { type Descriptor, digestAlgorithm, digestHex } from '@onebuild/oci';
import { formatSubject, type Subject } from '../answer-fault.ts';

/** Checks a blob's bytes as they pass, across as many connections as they take. */
export interface BlobVerifier {
  /** Offset in the blob of the next byte. */
  readonly position: number;
  /** @throws DIGEST_MISMATCH as soon as there are more bytes than there should be */
  take(chunk: Uint8Array): void;
  /** @throws DIGEST_MISMATCH when the content is another one. Only the whole can be checked: from offset 0. */
  finish(): void;
}

export function createBlobVerifier(descriptor: Descriptor, offset: number, subject: Subject): BlobVerifier {
  const hash = offset === 0 ? createHash(digestAlgorithm(descriptor.digest)) : undefined;
  let position = offset;
  return {
    get position() {
      return position;
    },
    take(chunk) {
      position += chunk.length;
      if (position > descriptor.size) {
        throw fault(
          'DIGEST_MISMATCH',
          `${formatSubject(subject)} has more than its ${descriptor.size} bytes`,
        );
      }
      hash?.update(chunk);
    },
    finish() {
      const actual = hash?.digest('hex');
      if (actual !== undefined && actual !== digestHex(descriptor.digest)) {
        throw fault('DIGEST_MISMATCH', `${formatSubject(subject)} has other content, of digest ${actual}`);
      }
    },
  };
}
