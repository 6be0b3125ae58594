import { createHash } from 'node:crypto';
import { fault, isFault } from '@onebuild/core';
import { type Descriptor, digestAlgorithm, digestHex } from '@onebuild/oci';
import { formatSubject, withSubject } from '../answer-fault.ts';
import type { ClientContext } from '../client-context.ts';
import type { Place } from '../place.ts';
import type { Repository, TransferOptions } from '../registry-client.ts';
import { noteFailure } from './ask-places.ts';
import { type BlobVerifier, createBlobVerifier } from './blob-verifier.ts';
import { blobSubject } from './has-blob.ts';
import { openBlob } from './open-blob.ts';

/** Progress that earns a transfer all its tries back; a peer that breaks off more often is of no use. Bytes. */
const earnsTries = 1024 * 1024;

/**
 * Streams a blob and verifies it. After a break it goes on where it stopped, at the same place or, from a mirror, at
 * the next one: equal digests are equal bytes.
 */
export async function* fetchBlob(
  context: ClientContext,
  repository: Repository,
  descriptor: Descriptor,
  options: TransferOptions & { readonly offset?: number } = {},
): AsyncGenerator<Uint8Array> {
  const offset = options.offset ?? 0;
  const subject = blobSubject(repository, descriptor.digest);
  const verifier = createBlobVerifier(descriptor, offset, subject);
  const embedded = embeddedData(descriptor);
  if (embedded !== undefined) {
    options.onProgress?.(embedded.length);
    yield embedded.subarray(offset);
    return;
  }
  const places = context.places.forPull(repository);
  for (const [i, place] of places.entries()) {
    try {
      yield* readAt(context, place, { descriptor, verifier, options });
      break;
    } catch (error) {
      // what was given on cannot be taken back, so other content ends the stream
      if (i === places.length - 1 || isFault(error, 'CANCELED') || verifier.position > descriptor.size)
        throw error;
      noteFailure(context, place, error);
    }
  }
  verifier.finish();
}

interface Transfer {
  readonly descriptor: Descriptor;
  readonly verifier: BlobVerifier;
  readonly options: TransferOptions & { readonly offset?: number };
}

/** All that is still missing, from one place, with its retries. */
async function* readAt(context: ClientContext, place: Place, transfer: Transfer): AsyncGenerator<Uint8Array> {
  const { descriptor, verifier, options } = transfer;
  const subject = blobSubject(place, descriptor.digest);
  let etag: string | undefined;
  let tried = 0;
  let lastBreak = verifier.position;
  for (;;) {
    try {
      const opened = await openBlob(context, place, descriptor, {
        ...options,
        position: verifier.position,
        etag,
        subject,
      });
      etag = opened.etag;
      yield* passOn(opened.body, opened.skip, transfer);
      if (verifier.position === descriptor.size) return;
      throw fault(
        'REGISTRY_UNREACHABLE',
        `${formatSubject(subject)} ended at ${verifier.position} of ${descriptor.size} bytes`,
      );
    } catch (error) {
      tried = verifier.position - lastBreak >= earnsTries ? 1 : tried + 1;
      lastBreak = verifier.position;
      if (isFault(error, 'DIGEST_MISMATCH')) throw error;
      await place.retry.pauseAfter(withSubject(error, subject), tried, options.signal);
    }
  }
}

async function* passOn(
  body: AsyncIterable<Uint8Array>,
  skip: number,
  { verifier, options }: Transfer,
): AsyncGenerator<Uint8Array> {
  let left = skip;
  for await (const chunk of body) {
    const part = left === 0 ? chunk : chunk.subarray(Math.min(left, chunk.length));
    left -= chunk.length - part.length;
    if (part.length === 0) continue;
    verifier.take(part);
    options.onProgress?.(verifier.position);
    yield part;
  }
}

/** Content that the descriptor brings along (OCI image spec, descriptor.md, `data`), when it is what it should be. */
function embeddedData({ data, digest, size }: Descriptor): Uint8Array | undefined {
  if (data === undefined || size > 64 * 1024 * 1024) return undefined;
  const bytes = Buffer.from(data, 'base64');
  const hex = createHash(digestAlgorithm(digest)).update(bytes).digest('hex');
  return bytes.length === size && hex === digestHex(digest) ? bytes : undefined;
}
