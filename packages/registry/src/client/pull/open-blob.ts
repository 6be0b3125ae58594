import { fault } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import { formatSubject, type Subject } from '../answer-fault.ts';
import { accessTo, callRegistry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import type { CallOptions } from '../registry-client.ts';
import type { HttpAnswer } from '../transport/http-message.ts';
import { parseContentRange } from './content-range.ts';

/** A blob's bytes from some place on. */
export interface OpenedBlob {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes at the start of `body` to pass over: a server without ranges starts from the beginning. */
  readonly skip: number;
  /** Names the version of the bytes, for a later range. */
  readonly etag: string | undefined;
}

/** Opens a blob at `position`, with a range where that isn't the start. */
export async function openBlob(
  context: ClientContext,
  place: Place,
  descriptor: Descriptor,
  options: CallOptions & {
    readonly position: number;
    readonly etag: string | undefined;
    readonly subject: Subject;
  },
): Promise<OpenedBlob> {
  const { position, etag, subject } = options;
  const ranged = position > 0;
  const answer = await callRegistry(context, place, {
    method: 'GET',
    target: `blobs/${descriptor.digest}`,
    headers: {
      'accept-encoding': 'identity',
      ...(ranged && { range: `bytes=${position}-` }),
      ...(ranged && etag !== undefined && { 'if-range': etag }),
    },
    access: accessTo(place, 'pull'),
    accept: ranged ? [200, 206] : [200],
    subject,
    signal: options.signal,
  });
  try {
    return { body: answer.body, skip: checkHead(answer, descriptor, options), etag: strongEtag(answer) };
  } catch (error) {
    await answer.discard();
    throw error;
  }
}

/** @returns bytes to pass over */
function checkHead(
  answer: HttpAnswer,
  descriptor: Descriptor,
  { position, subject }: { readonly position: number; readonly subject: Subject },
): number {
  const what = formatSubject(subject);
  if (/^text\/html\b/i.test(answer.headers['content-type'] ?? '')) {
    throw fault('REGISTRY_PROTOCOL', `${what}: ${answer.url.host} answered with a web page`);
  }
  const range =
    answer.status === 206
      ? parseContentRange(answer.headers['content-range'])
      : { start: 0, total: undefined };
  if (range === undefined || range.start > position) {
    throw fault('REGISTRY_PROTOCOL', `${what}: ${answer.url.host} sent another range than asked for`);
  }
  const length = answer.headers['content-length'];
  const total =
    range.total ?? (answer.status === 200 && length !== undefined ? Number(length) : descriptor.size);
  if (total !== descriptor.size) {
    throw fault('DIGEST_MISMATCH', `${what} has ${total} bytes in the registry, not ${descriptor.size}`);
  }
  return position - range.start;
}

/** Weak ones must not be used with ranges (RFC 9110, section 13.1.5). */
function strongEtag(answer: HttpAnswer): string | undefined {
  const { etag } = answer.headers;
  return etag !== undefined && /^"[\x21\x23-\x7e]{1,256}"$/.test(etag) ? etag : undefined;
}
