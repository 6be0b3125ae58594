import type { Reference } from '@onebuild/oci';
import { accessTo, callWithRetry } from './call-registry.ts';
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
  const answer = await callWithRetry(context, place, {
    method: 'DELETE',
    target: `manifests/${manifestName(reference)}`,
    access: accessTo(place, 'pull', 'delete'),
    accept: [202, 200, 204],
    subject: manifestSubject(reference),
    signal: options.signal,
  });
  await answer.discard();
}
