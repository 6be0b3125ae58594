import { type Digest, isFault } from '@onebuild/core';
import { accessTo, callWithRetry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import { blobSubject } from '../pull/has-blob.ts';
import type { CallOptions } from '../registry-client.ts';
import { sessionOf, type UploadSession } from './upload-session.ts';

/**
 * Takes a blob over from another repository of the registry (OCI distribution spec, "Mounting a blob from another
 * repository"). @returns true, or the upload that the registry opened instead, or undefined where it gave nothing
 */
export async function mountBlob(
  context: ClientContext,
  place: Place,
  digest: Digest,
  options: CallOptions & { readonly from: string },
): Promise<true | UploadSession | undefined> {
  const subject = blobSubject(place, digest);
  const access = accessTo(place, 'pull', 'push');
  try {
    const answer = await callWithRetry(context, place, {
      method: 'POST',
      target: `blobs/uploads/?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(options.from)}`,
      headers: { 'content-length': '0' },
      access: { ...access, scopes: [...access.scopes, { repository: options.from, actions: ['pull'] }] },
      accept: [201, 202],
      subject,
      signal: options.signal,
    });
    await answer.discard();
    return answer.status === 201 ? true : sessionOf(answer, subject);
  } catch (error) {
    // no right to read the other repository, no such repository, no mounts at all: then the bytes go over
    if (isFault(error) && error.kind !== 'network' && error.kind !== 'canceled') return undefined;
    if (isFault(error, 'REGISTRY_UNSUPPORTED', 'REGISTRY_PROTOCOL')) return undefined;
    throw error;
  }
}
