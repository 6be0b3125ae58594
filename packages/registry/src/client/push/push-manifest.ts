import { fault } from '@onebuild/core';
import { type Descriptor, digestOf } from '@onebuild/oci';
import { formatSubject, type Subject } from '../answer-fault.ts';
import { accessTo, callRegistry, type RegistryCall } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import { manifestLimit } from '../pull/manifest-types.ts';
import type { CallOptions, Repository } from '../registry-client.ts';
import { checkStored } from './check-stored.ts';
import { readReferrer } from './read-referrer.ts';
import type { AddReferrer } from './referrers-tag.ts';

export interface ManifestToPush {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly tag?: string;
}

/** Puts a manifest (OCI distribution spec, "Pushing Manifests"), and lists it as a referrer where the registry doesn't. */
export async function pushManifest(
  context: ClientContext,
  repository: Repository,
  manifest: ManifestToPush,
  options: CallOptions & { readonly addReferrer?: AddReferrer },
): Promise<Descriptor> {
  const { bytes, mediaType, tag } = manifest;
  const place = context.places.home(repository);
  const digest = digestOf(bytes);
  const subject: Subject = { kind: 'manifest', ...pick(repository), name: tag ?? digest };
  if (bytes.length > manifestLimit) {
    throw fault('MANIFEST_INVALID', `${formatSubject(subject)} has more than ${manifestLimit} bytes`);
  }
  if (tag !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag)) {
    throw fault('REFERENCE_INVALID', `${JSON.stringify(tag.slice(0, 200))} is not a tag`);
  }
  const call: RegistryCall = {
    method: 'PUT',
    target: `manifests/${tag ?? digest}`,
    headers: { 'content-type': mediaType },
    body: { length: bytes.length, open: () => [bytes] },
    access: accessTo(place, 'pull', 'push'),
    accept: [201],
    subject,
    signal: options.signal,
  };
  const answer = await place.retry(async () => {
    const put = await callRegistry(context, place, call);
    await put.discard();
    // bytes that changed on their way must not stay under the tag
    checkStored(put, digest, subject);
    return put;
  }, options.signal);
  const descriptor: Descriptor = { mediaType, digest, size: bytes.length };
  const referrer = readReferrer(bytes, descriptor);
  if (referrer !== undefined && answer.headers['oci-subject'] === undefined) {
    await options.addReferrer?.(repository, referrer, options);
  }
  return descriptor;
}

function pick({ registry, repository }: Repository): Repository {
  return { registry, repository };
}
