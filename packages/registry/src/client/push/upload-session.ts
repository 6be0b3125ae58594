import { fault, isFault, type OneBuildError } from '@onebuild/core';
import { formatSubject, type Subject } from '../answer-fault.ts';
import { accessTo, callRegistry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import type { CallOptions } from '../registry-client.ts';
import type { HttpAnswer } from '../transport/http-message.ts';

/** An upload that a registry has opened. */
export interface UploadSession {
  /** Where the next request of the upload goes; each answer may move it. */
  location: URL;
  /** `OCI-Chunk-Min-Length`, bytes; 0 where the registry doesn't say. */
  readonly minChunk: number;
}

const longestLocation = 8192;

/** Opens an upload (OCI distribution spec, "Pushing blobs"). Tries once: the upload has a budget of its own. */
export async function startUpload(
  context: ClientContext,
  place: Place,
  options: CallOptions & { readonly subject: Subject },
): Promise<UploadSession> {
  const answer = await callRegistry(context, place, {
    method: 'POST',
    target: 'blobs/uploads/',
    headers: { 'content-length': '0' },
    access: accessTo(place, 'pull', 'push'),
    accept: [202],
    subject: options.subject,
    signal: options.signal,
  }).catch((error: unknown) => {
    throw isFault(error) && error.details.status === 404 ? noRepository(error) : error;
  });
  await answer.discard();
  return sessionOf(answer, options.subject);
}

function noRepository(cause: OneBuildError): OneBuildError {
  const hint = 'Create the repository, or the project that it belongs to, in the registry first.';
  return fault('REGISTRY_DENIED', cause.message, { hint, details: cause.details, cause });
}

export function sessionOf(answer: HttpAnswer, subject: Subject): UploadSession {
  const min = answer.headers['oci-chunk-min-length'];
  return {
    location: readLocation(answer, subject),
    minChunk: typeof min === 'string' && /^\d{1,12}$/.test(min) ? Number(min) : 0,
  };
}

/**
 * `Location` of an upload's answer, absolute or relative.
 * @throws REGISTRY_PROTOCOL where there is none, or one that would give up TLS on the way to another host
 */
export function readLocation(answer: HttpAnswer, subject: Subject): URL {
  const text = answer.headers.location ?? '';
  const location = text === '' || text.length > longestLocation ? null : URL.parse(text, answer.url.href);
  if (location === null || !/^https?:$/.test(location.protocol)) {
    throw fault(
      'REGISTRY_PROTOCOL',
      `${formatSubject(subject)}: the registry does not say where to upload to`,
    );
  }
  location.username = '';
  location.password = '';
  location.hash = '';
  if (answer.url.protocol !== 'https:' || location.protocol === 'https:') return location;
  // behind a proxy that ends TLS many registries write http, and mean the address they were called at
  if (location.hostname === answer.url.hostname) {
    return new URL(location.pathname + location.search, answer.url.origin);
  }
  throw fault(
    'REGISTRY_PROTOCOL',
    `${formatSubject(subject)}: the registry wants the upload sent without TLS`,
  );
}

/** An upload's address with one more query parameter; what the registry wrote stays byte for byte. */
export function withDigest(location: URL, digest: string): URL {
  const url = new URL(location);
  url.search = `${url.search}${url.search === '' ? '?' : '&'}digest=${encodeURIComponent(digest)}`;
  return url;
}
