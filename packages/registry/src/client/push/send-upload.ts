import { fault } from '@onebuild/core';
import { formatSubject, type Subject } from '../answer-fault.ts';
import { accessTo, callRegistry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import type { PushBlob } from '../registry-client.ts';
import type { HttpAnswer } from '../transport/http-message.ts';
import { checkStored } from './check-stored.ts';
import { readLocation, type UploadSession, withDigest } from './upload-session.ts';
import { keptBytes } from './upload-status.ts';

/** One upload on its way. */
export interface Upload {
  readonly blob: PushBlob;
  readonly subject: Subject;
  readonly signal: AbortSignal | undefined;
  /** Told about bytes as they leave: `at` is where in the blob they end. */
  readonly onSent: (bytes: number, at: number) => void;
  /** Bytes that the registry has acknowledged. */
  offset: number;
  /** Why our own source broke off, once it did: then the registry is not to blame, and nothing is sent again. */
  sourceFault: { readonly error: unknown } | undefined;
}

/** The whole blob in the closing `PUT` (OCI distribution spec, "POST then PUT"). */
export async function sendWhole(
  context: ClientContext,
  place: Place,
  upload: Upload,
  session: UploadSession,
): Promise<void> {
  const { descriptor } = upload.blob;
  const answer = await sendPart(context, place, upload, {
    method: 'PUT',
    target: withDigest(session.location, descriptor.digest),
    start: 0,
    end: descriptor.size,
  });
  await answer.discard();
  checkStored(answer, descriptor.digest, upload.subject);
}

/** What is missing, in pieces of `chunk` bytes (0: in one), and the closing `PUT`. */
export async function sendChunks(
  context: ClientContext,
  place: Place,
  upload: Upload,
  { session, chunk }: { readonly session: UploadSession; readonly chunk: number },
): Promise<void> {
  const { size, digest } = upload.blob.descriptor;
  const step = chunk === 0 ? size : Math.max(chunk, session.minChunk);
  while (upload.offset < size) {
    const end = Math.min(upload.offset + step, size);
    const part = { method: 'PATCH', target: session.location, start: upload.offset, end } as const;
    const answer = await sendPart(context, place, upload, part);
    await answer.discard();
    session.location = readLocation(answer, upload.subject);
    upload.offset = acknowledged(answer, part, upload.subject);
  }
  const closing = await callRegistry(context, place, {
    method: 'PUT',
    target: withDigest(session.location, digest),
    headers: { 'content-length': '0' },
    access: accessTo(place, 'pull', 'push'),
    accept: [201, 204],
    subject: upload.subject,
    signal: upload.signal,
  });
  await closing.discard();
  checkStored(closing, digest, upload.subject);
}

/**
 * Where the registry stands after a piece: it may have taken less than it was sent, never more.
 * @throws REGISTRY_PROTOCOL when it took next to nothing, for that would go on for ever
 */
function acknowledged(answer: HttpAnswer, { start, end }: Part, subject: Subject): number {
  const kept = Math.min(keptBytes(answer) ?? end, end);
  if (kept >= start + Math.ceil((end - start) / 16)) return kept;
  throw fault('REGISTRY_PROTOCOL', `${formatSubject(subject)}: the registry does not keep what it is sent`);
}

interface Part {
  readonly method: 'PUT' | 'PATCH';
  readonly target: URL;
  /** Bytes of the blob: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
}

function sendPart(context: ClientContext, place: Place, upload: Upload, part: Part): Promise<HttpAnswer> {
  const { start, end } = part;
  return callRegistry(context, place, {
    method: part.method,
    target: part.target,
    headers: {
      'content-type': 'application/octet-stream',
      ...(part.method === 'PATCH' && { 'content-range': `${start}-${end - 1}` }),
    },
    body: { length: end - start, open: () => cut(upload, part) },
    access: accessTo(place, 'pull', 'push'),
    accept: part.method === 'PUT' ? [201, 204] : [202],
    subject: upload.subject,
    signal: upload.signal,
  });
}

async function* cut(upload: Upload, { start, end }: Part): AsyncGenerator<Uint8Array> {
  const { blob, onSent } = upload;
  let at = start;
  const whole = end === blob.descriptor.size;
  for await (const chunk of watched(upload, blob.open(start))) {
    // the last piece is passed on uncut, so that a source with too many bytes is noticed
    const piece = whole ? chunk : chunk.subarray(0, end - at);
    at += piece.length;
    onSent(piece.length, at);
    yield piece;
    if (!whole && at === end) return;
  }
}

async function* watched(upload: Upload, source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* source;
  } catch (error) {
    upload.sourceFault = { error };
    throw error;
  }
}
