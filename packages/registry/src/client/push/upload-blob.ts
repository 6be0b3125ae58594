import { fault, isFault } from '@onebuild/core';
import { formatSubject } from '../answer-fault.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import { blobSubject, hasBlobAt } from '../pull/has-blob.ts';
import type { PushBlob, TransferOptions } from '../registry-client.ts';
import { sendChunks, sendWhole, type Upload } from './send-upload.ts';
import { startUpload, type UploadSession } from './upload-session.ts';
import { uploadedBytes } from './upload-status.ts';

/** For registries behind something that limits the size of a request, as nginx does to 1 MiB. Bytes. */
const smallerPieces = [8 * 1024 * 1024, 512 * 1024];
/** Progress that earns an upload all its tries back. Bytes. */
const earnsTries = 1024 * 1024;

/**
 * Sends a blob's bytes: in one piece, in pieces where the client or the registry wants that, and after a break from
 * where the registry says it stands. @returns bytes that were sent, repeated ones counted again
 */
export async function uploadBlob(
  context: ClientContext,
  place: Place,
  blob: PushBlob,
  options: TransferOptions & { readonly session: UploadSession | undefined },
): Promise<number> {
  const { signal, onProgress } = options;
  let sentBytes = 0;
  const upload: Upload = {
    blob,
    subject: { ...blobSubject(place, blob.descriptor.digest), kind: 'upload' },
    signal,
    onSent(bytes, at) {
      sentBytes += bytes;
      onProgress?.(at);
    },
    offset: 0,
    sourceFault: undefined,
  };
  let { session } = options;
  let chunk = context.chunkBytes;
  let resumed = false;
  for (let tried = 1, furthest = 0; ; tried++) {
    try {
      session ??= await startUpload(context, place, upload);
      await send(context, place, upload, { session, chunk });
      return sentBytes;
    } catch (error) {
      if (upload.sourceFault !== undefined) throw upload.sourceFault.error;
      if (isFault(error, 'DIGEST_MISMATCH') && !resumed) throw error;
      const smaller = smallerPiece(error, chunk, blob.descriptor.size);
      if (smaller !== undefined) {
        chunk = smaller;
        upload.offset = 0;
        session = undefined;
        continue;
      }
      if (upload.offset - furthest >= earnsTries) {
        tried = 1;
        furthest = upload.offset;
      }
      const failure = session === undefined ? error : restartable(error, upload);
      await place.retry.pauseAfter(failure, tried, signal);
      if (await hasBlobAt(context, place, blob.descriptor.digest, { signal, purpose: 'push' }))
        return sentBytes;
      // what was put together from pieces may have come together wrongly: from the start it cannot
      if (isFault(error, 'DIGEST_MISMATCH')) session = undefined;
      const kept = session === undefined ? undefined : await uploadedBytes(context, place, session, upload);
      if (kept === undefined || kept > blob.descriptor.size) session = undefined;
      upload.offset = session === undefined ? 0 : (kept ?? 0);
      resumed = upload.offset > 0;
      onProgress?.(upload.offset);
    }
  }
}

function send(
  context: ClientContext,
  place: Place,
  upload: Upload,
  { session, chunk }: { readonly session: UploadSession; readonly chunk: number },
): Promise<void> {
  if (upload.offset === 0 && (chunk === 0 || upload.blob.descriptor.size <= chunk)) {
    return sendWhole(context, place, upload, session);
  }
  return sendChunks(context, place, upload, { session, chunk });
}

/** What to try after a 413: the next smaller piece that is smaller than the blob. */
function smallerPiece(error: unknown, chunk: number, size: number): number | undefined {
  if (!isFault(error) || error.details.status !== 413) return undefined;
  const last = chunk === 0 ? size : Math.min(chunk, size);
  return smallerPieces.find((piece) => piece < last);
}

/** A registry that lost an upload, or stands elsewhere in it than we think, can be asked again from the start. */
function restartable(error: unknown, upload: Upload): unknown {
  if (!isFault(error) || (error.details.status !== 404 && error.details.status !== 416)) return error;
  return fault('REGISTRY_UNAVAILABLE', `${formatSubject(upload.subject)}: the registry lost the upload`, {
    details: error.details,
    cause: error,
  });
}
