import { createHash } from 'node:crypto';
import { fault } from '@onebuild/core';
import type { Descriptor } from '../descriptor.ts';
import { digestAlgorithm, digestHex } from '../digest.ts';

/**
 * Passes chunks on and checks them against a descriptor: too many bytes fail at once, missing ones and a wrong digest
 * at the end.
 * @throws DIGEST_MISMATCH
 */
export async function* verifyStream(
  source: AsyncIterable<Uint8Array>,
  { digest, size }: Pick<Descriptor, 'digest' | 'size'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = createHash(digestAlgorithm(digest));
  let seen = 0;
  for await (const chunk of source) {
    seen += chunk.length;
    if (seen > size) throw mismatch(digest, `is larger than ${size} bytes`);
    hash.update(chunk);
    yield chunk;
  }
  if (seen !== size) throw mismatch(digest, `has ${seen} bytes where ${size} were promised`);
  const found = hash.digest('hex');
  if (found !== digestHex(digest)) {
    throw mismatch(digest, `has another digest: ${digestAlgorithm(digest)}:${found}`);
  }
}

function mismatch(digest: string, why: string) {
  return fault('DIGEST_MISMATCH', `${digest} ${why}`, { details: { digest } });
}
