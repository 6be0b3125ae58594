import { fault, isFault } from '@onebuild/core';
import { type Descriptor, isDigest, type Reference } from '@onebuild/oci';
import { formatSubject } from '../answer-fault.ts';
import { callWithRetry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Purpose } from '../credentials/credential-source.ts';
import type { Place } from '../place.ts';
import type { CallOptions } from '../registry-client.ts';
import type { HttpAnswer } from '../transport/http-message.ts';
import { askPlaces } from './ask-places.ts';
import { fetchManifestAt, headerText, manifestCall, manifestSubject } from './fetch-manifest.ts';
import { isSchema1, manifestLimit, mediaTypeOf } from './manifest-types.ts';

export type ResolveOptions = CallOptions & { readonly purpose?: Purpose };

/** What a reference names now: by `HEAD`, or by reading the manifest where that doesn't say enough. */
export function resolveManifest(
  context: ClientContext,
  reference: Reference,
  options: ResolveOptions = {},
): Promise<Descriptor> {
  const ask = async (place: Place) => {
    const head = await headManifest(context, place, reference, options);
    return head ?? (await fetchManifestAt(context, place, reference, options)).descriptor;
  };
  // a mirror may be behind what was pushed
  if (options.purpose === 'push') return ask(context.places.home(reference));
  return askPlaces(context, reference, ask);
}

async function headManifest(
  context: ClientContext,
  place: Place,
  reference: Reference,
  options: ResolveOptions,
): Promise<Descriptor | undefined> {
  const call = manifestCall(place, reference, { ...options, method: 'HEAD', accept: [200] });
  let answer: HttpAnswer;
  try {
    answer = await callWithRetry(context, place, call);
  } catch (error) {
    // a HEAD has no body, so the words of a refusal come with a GET; some registries know no HEAD at all
    if (
      isFault(error, 'REGISTRY_UNSUPPORTED', 'REGISTRY_PROTOCOL', 'REGISTRY_DENIED', 'REGISTRY_UNAUTHORIZED')
    ) {
      return undefined;
    }
    throw error;
  }
  await answer.discard();
  return describe(answer, reference);
}

function describe(answer: HttpAnswer, reference: Reference): Descriptor | undefined {
  const digest = headerText(answer.headers['docker-content-digest']);
  const length = answer.headers['content-length'] ?? '';
  const mediaType = mediaTypeOf(answer.headers['content-type']);
  if (digest === undefined || !isDigest(digest) || !/^\d{1,9}$/.test(length)) return undefined;
  if (!mediaType.startsWith('application/vnd.') || isSchema1(mediaType)) return undefined;
  if (reference.digest !== undefined && digest !== reference.digest) {
    const what = formatSubject(manifestSubject(reference));
    throw fault('DIGEST_MISMATCH', `${what}: the registry has other content there, ${digest}`);
  }
  const size = Number(length);
  return size === 0 || size > manifestLimit ? undefined : { mediaType, digest, size };
}
