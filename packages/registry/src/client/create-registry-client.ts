import { createClientContext } from './create-client-context.ts';
import { deleteManifest } from './delete-manifest.ts';
import { listReferrers } from './list-referrers.ts';
import { listTags } from './list-tags.ts';
import { fetchBlob } from './pull/fetch-blob.ts';
import { fetchManifest } from './pull/fetch-manifest.ts';
import { hasBlobAt } from './pull/has-blob.ts';
import { resolveManifest } from './pull/resolve-manifest.ts';
import { createPushBlob } from './push/push-blob.ts';
import { pushManifest } from './push/push-manifest.ts';
import { createAddReferrer } from './push/referrers-tag.ts';
import type { RegistryClient } from './registry-client.ts';
import type { RegistryClientOptions } from './registry-client-options.ts';
import { createSingleFlight } from './single-flight.ts';

/** A client of the OCI distribution API, spec 1.1. Connects to nothing until it is asked something. */
export function createRegistryClient(options: RegistryClientOptions = {}): RegistryClient {
  const { context, close } = createClientContext(options);
  const shareHead = createSingleFlight<boolean>();
  const addReferrer = createAddReferrer(context);
  return {
    resolve: (reference, call) => resolveManifest(context, reference, call),
    manifest: (reference, call) => fetchManifest(context, reference, call),
    blob: (repository, descriptor, call) => fetchBlob(context, repository, descriptor, call),
    hasBlob: (repository, digest, call) =>
      shareHead(`${repository.registry}/${repository.repository}@${digest}`, call?.signal, (signal) =>
        hasBlobAt(context, context.places.home(repository), digest, { signal, purpose: 'pull' }),
      ),
    pushBlob: createPushBlob(context),
    pushManifest: (repository, manifest, call) =>
      pushManifest(context, repository, manifest, { ...call, addReferrer }),
    tags: (repository, call) => listTags(context, repository, call),
    referrers: (repository, digest, call) => listReferrers(context, repository, digest, call),
    deleteManifest: (reference, call) => deleteManifest(context, reference, call),
    close,
  };
}
