import { type Digest, fault, isFault } from '@onebuild/core';
import { type Descriptor, digestAlgorithm, digestHex, mediaTypes } from '@onebuild/oci';
import type { ClientContext } from '../client-context.ts';
import type { Purpose } from '../credentials/credential-source.ts';
import { fetchManifestAt } from '../pull/fetch-manifest.ts';
import type { CallOptions, Repository } from '../registry-client.ts';
import { parseJsonAs, ReferrersList } from '../schema.ts';
import { pushManifest } from './push-manifest.ts';
import type { Referrer } from './read-referrer.ts';

export type AddReferrer = (repository: Repository, referrer: Referrer, options: CallOptions) => Promise<void>;

/** OCI distribution spec, "Referrers Tag Schema". */
export function referrersTag(digest: Digest): string {
  return `${digestAlgorithm(digest).slice(0, 32)}-${digestHex(digest).slice(0, 64)}`;
}

/** The list of referrers that clients keep themselves under a tag. Empty where there is none. */
export async function readReferrersTag(
  context: ClientContext,
  repository: Repository,
  digest: Digest,
  options: CallOptions & { readonly purpose?: Purpose },
): Promise<readonly Descriptor[]> {
  const reference = {
    registry: repository.registry,
    repository: repository.repository,
    tag: referrersTag(digest),
  };
  try {
    const { bytes } = await fetchManifestAt(context, context.places.home(repository), reference, options);
    const list = parseJsonAs(ReferrersList, bytes);
    if (list === undefined) {
      throw fault('MANIFEST_INVALID', `the tag ${reference.tag} holds no list of referrers`);
    }
    return list.manifests ?? [];
  } catch (error) {
    if (isFault(error, 'MANIFEST_NOT_FOUND')) return [];
    throw error;
  }
}

/** Adds to that list; one change at a time within a client, for the registry has no way to merge two. */
export function createAddReferrer(context: ClientContext): AddReferrer {
  const queues = new Map<string, Promise<void>>();
  return async (repository, { subject, descriptor }, options) => {
    const key = `${repository.registry}/${repository.repository}@${subject}`;
    const change = async () => {
      const listed = await readReferrersTag(context, repository, subject, { ...options, purpose: 'push' });
      if (listed.some(({ digest }) => digest === descriptor.digest)) return;
      const index = { schemaVersion: 2, mediaType: mediaTypes.ociIndex, manifests: [...listed, descriptor] };
      const bytes = Buffer.from(JSON.stringify(index));
      const manifest = { bytes, mediaType: mediaTypes.ociIndex, tag: referrersTag(subject) };
      await pushManifest(context, repository, manifest, options);
    };
    const turn = (queues.get(key) ?? Promise.resolve()).then(change, change);
    const settled = turn.then(
      () => undefined,
      () => undefined,
    );
    queues.set(key, settled);
    try {
      await turn;
    } finally {
      if (queues.get(key) === settled) queues.delete(key);
    }
  };
}
