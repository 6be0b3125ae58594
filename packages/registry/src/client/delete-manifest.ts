import { fault, isFault } from '@onebuild/core';
import type { Reference } from '@onebuild/oci';
import { accessTo, callRegistry, type RegistryCall } from './call-registry.ts';
import type { ClientContext } from './client-context.ts';
import { manifestName, manifestSubject } from './pull/fetch-manifest.ts';
import type { CallOptions } from './registry-client.ts';

/**
 * Deletes what a digest names, or the tag alone where there is no digest (OCI distribution spec, "Deleting tags",
 * "Deleting Manifests"). @throws REGISTRY_UNSUPPORTED where the registry keeps everything
 */
export async function deleteManifest(
  context: ClientContext,
  reference: Reference,
  options: CallOptions = {},
): Promise<void> {
  const place = context.places.home(reference);
  let tried = 0;
  const call: RegistryCall = {
    method: 'DELETE',
    target: `manifests/${manifestName(reference)}`,
    access: accessTo(place, 'pull', 'delete'),
    accept: [202, 200, 204],
    subject: manifestSubject(reference),
    signal: options.signal,
  };
  await place.retry(async () => {
    tried++;
    // what is gone at a later try went with an earlier one, whose answer was lost
    const accept = tried > 1 ? [...call.accept, 404] : call.accept;
    const answer = await callRegistry(context, place, { ...call, accept }).catch((error: unknown) => {
      throw reference.digest === undefined ? notByTag(error) : error;
    });
    await answer.discard();
  }, options.signal);
}

/** Distribution 2 takes a tag for a digest that is not valid. */
function notByTag(error: unknown): unknown {
  if (!isFault(error, 'DIGEST_MISMATCH')) return error;
  return fault('REGISTRY_UNSUPPORTED', 'the registry removes no tags', {
    details: error.details,
    cause: error,
  });
}
