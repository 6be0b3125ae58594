import type { Reference } from '@onebuild/oci';
import { type Subject, withSubject } from '../answer-fault.ts';
import { accessTo, callRegistry, type RegistryCall } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Purpose } from '../credentials/credential-source.ts';
import type { Place } from '../place.ts';
import type { CallOptions, FetchedManifest } from '../registry-client.ts';
import { readBytes } from '../transport/read-bytes.ts';
import { askPlaces } from './ask-places.ts';
import { checkManifest } from './check-manifest.ts';
import { acceptedManifests, manifestLimit } from './manifest-types.ts';

/** A digest names more precisely than a tag beside it. */
export function manifestName(reference: Reference): string {
  return reference.digest ?? reference.tag ?? 'latest';
}

export function manifestSubject(reference: Reference): Subject {
  const { registry, repository } = reference;
  return { kind: 'manifest', registry, repository, name: manifestName(reference) };
}

export function fetchManifest(
  context: ClientContext,
  reference: Reference,
  options: CallOptions & { readonly purpose?: Purpose } = {},
): Promise<FetchedManifest> {
  if (options.purpose === 'push')
    return fetchManifestAt(context, context.places.home(reference), reference, options);
  return askPlaces(context, reference, (place) => fetchManifestAt(context, place, reference, options));
}

export function fetchManifestAt(
  context: ClientContext,
  place: Place,
  reference: Reference,
  options: CallOptions & { readonly purpose?: Purpose } = {},
): Promise<FetchedManifest> {
  return place.retry(async () => {
    const call = manifestCall(place, reference, { ...options, method: 'GET', accept: [200] });
    const answer = await callRegistry(context, place, call);
    const bytes = await readBytes(answer, manifestLimit).catch((error: unknown) => {
      throw withSubject(error, call.subject);
    });
    return checkManifest(
      {
        bytes,
        contentType: answer.headers['content-type'],
        digestHeader: headerText(answer.headers['docker-content-digest']),
      },
      reference.digest,
      call.subject,
    );
  }, options.signal);
}

export function manifestCall(
  place: Place,
  reference: Reference,
  {
    purpose,
    ...call
  }: CallOptions & Pick<RegistryCall, 'method' | 'accept'> & { readonly purpose?: Purpose },
): RegistryCall {
  return {
    ...call,
    target: `manifests/${manifestName(reference)}`,
    headers: { accept: acceptedManifests },
    // with the rights that the push will need, so that one token serves both
    access: purpose === 'push' ? accessTo(place, 'pull', 'push') : accessTo(place, 'pull'),
    subject: manifestSubject(reference),
  };
}

/** One value of a header that might be doubled. */
export function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
