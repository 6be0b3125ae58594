import { isFault } from '@onebuild/core';
import type { Subject } from '../answer-fault.ts';
import { accessTo, callWithRetry } from '../call-registry.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import { headerText } from '../pull/fetch-manifest.ts';
import type { CallOptions } from '../registry-client.ts';
import type { HttpAnswer } from '../transport/http-message.ts';
import { readLocation, type UploadSession } from './upload-session.ts';

/**
 * Bytes of a broken upload that the registry has kept (OCI distribution spec, "Pushing a blob in chunks"); moves the
 * session on. Undefined where going on isn't possible and a new upload must start.
 */
export async function uploadedBytes(
  context: ClientContext,
  place: Place,
  session: UploadSession,
  options: CallOptions & { readonly subject: Subject },
): Promise<number | undefined> {
  try {
    // a question that fails for a moment must not cost all that was sent
    const answer = await callWithRetry(context, place, {
      method: 'GET',
      target: session.location,
      access: accessTo(place, 'pull', 'push'),
      accept: [204],
      subject: options.subject,
      signal: options.signal,
    });
    await answer.discard();
    const kept = keptBytes(answer);
    if (answer.headers.location !== undefined) session.location = readLocation(answer, options.subject);
    return kept;
  } catch (error) {
    if (isFault(error, 'CANCELED')) throw error;
    return undefined;
  }
}

/** Bytes that an answer's `Range: 0-LAST` acknowledges. `0-0` means nothing or one byte, so it says nothing. */
export function keptBytes(answer: HttpAnswer): number | undefined {
  const match = /^(?:bytes=)?0-(\d{1,15})$/.exec(headerText(answer.headers.range) ?? '');
  const last = Number(match?.[1] ?? 0);
  return last === 0 ? undefined : last + 1;
}
