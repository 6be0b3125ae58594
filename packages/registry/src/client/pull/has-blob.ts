import { type Digest, isFault } from '@onebuild/core';
import type { Subject } from '../answer-fault.ts';
import { accessTo, callWithRetry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import type { CallOptions, Repository } from '../registry-client.ts';

export function blobSubject({ registry, repository }: Repository, digest: Digest): Subject {
  return { kind: 'blob', registry, repository, name: digest };
}

/**
 * Whether a place has a blob.
 * @param purpose `push` asks with the rights that the upload will need, so that one token serves both
 */
export async function hasBlobAt(
  context: ClientContext,
  place: Place,
  digest: Digest,
  options: CallOptions & { readonly purpose: 'pull' | 'push' },
): Promise<boolean> {
  const ask = async (method: 'HEAD' | 'GET') => {
    const answer = await callWithRetry(context, place, {
      method,
      target: `blobs/${digest}`,
      access: options.purpose === 'push' ? accessTo(place, 'pull', 'push') : accessTo(place, 'pull'),
      accept: [200],
      subject: blobSubject(place, digest),
      signal: options.signal,
    });
    await answer.discard();
    return true;
  };
  try {
    // some registries know no HEAD
    return await ask('HEAD').catch((error: unknown) => {
      if (isFault(error, 'REGISTRY_UNSUPPORTED')) return ask('GET');
      throw error;
    });
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** A registry says that a thing is not there in one of these ways; by `HEAD` no body tells them apart. */
function isMissing(error: unknown): boolean {
  return (
    isFault(error, 'BLOB_NOT_FOUND', 'MANIFEST_NOT_FOUND') || (isFault(error) && error.details.status === 404)
  );
}
