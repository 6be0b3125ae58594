import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Digest, type EmitFact, fault, withFact } from '@onebuild/core';
import { createLayerIndexer, familiarReference, type LayerIndex, readTar } from '@onebuild/oci';
import { type Progress, reportStep } from '../graph/report-step.ts';
import { decompressStream } from '../layer/decompress.ts';
import { unpackLayer } from '../snapshot/unpack-layer.ts';
import type { Store } from '../store/store.ts';
import type { BaseBlob } from './layer.ts';

export interface FetchBaseOptions {
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly rootless: boolean;
  readonly emit: EmitFact;
}

/** Reads a base's layer for its listing only. */
export async function listBase(blob: BaseBlob, options: FetchBaseOptions): Promise<LayerIndex> {
  const indexer = createLayerIndexer();
  await verified(blob, options, (tar) => readTar(tar, indexer));
  return indexer.finish();
}

/** Unpacks a base's layer into `folder`, in overlayfs form. */
export function unpackBase(blob: BaseBlob, folder: string, options: FetchBaseOptions): Promise<LayerIndex> {
  const { signal, rootless } = options;
  return verified(blob, options, (tar) => unpackLayer(tar, folder, { signal, rootless }));
}

/** Streams the blob once: into the store (when it isn't there), through the decompressor, into `use`; checks blob digest and diff id. */
async function verified<T>(
  blob: BaseBlob,
  options: FetchBaseOptions,
  use: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const isHere = (await options.store.blobs.size(blob.descriptor.digest)) !== undefined;
  const from = blob.repository === undefined ? '' : ` of ${familiarReference(blob.repository)}`;
  const name = `${isHere ? 'unpack' : 'pull'} layer ${blob.descriptor.digest.slice(0, 19)}${from}`;
  return reportStep(options.emit, name, (progress) => verifiedStream(blob, { ...options, progress }, use));
}

async function verifiedStream<T>(
  blob: BaseBlob,
  options: FetchBaseOptions & { readonly progress: Progress },
  use: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const hash = createHash('sha256');
  try {
    const tar = decompressStream(await kept(blob, options), blob.descriptor.mediaType);
    const result = await use(hashing(tar, hash));
    const diffId = `sha256:${hash.digest('hex')}` as Digest;
    if (diffId !== blob.diffId)
      throw fault('DIGEST_MISMATCH', `it unpacks to ${diffId}, the image's config says ${blob.diffId}`);
    return result;
  } catch (error) {
    const base = blob.repository === undefined ? 'the base' : familiarReference(blob.repository);
    throw withFact(error, `layer ${blob.descriptor.digest} of ${base}`);
  }
}

async function* hashing(
  chunks: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.update(chunk);
    yield chunk;
  }
}

async function kept(
  blob: BaseBlob,
  options: FetchBaseOptions & { readonly progress: Progress },
): Promise<AsyncIterable<Uint8Array>> {
  const { digest } = blob.descriptor;
  if ((await options.store.blobs.size(digest)) !== undefined)
    return createReadStream(options.store.blobs.path(digest), { highWaterMark: 1 << 20 });
  return tee(blob, options);
}

async function* tee(
  blob: BaseBlob,
  options: FetchBaseOptions & { readonly progress: Progress },
): AsyncGenerator<Uint8Array> {
  const writer = await options.store.blobs.create();
  let bytes = 0;
  try {
    for await (const chunk of blob.open(options.signal)) {
      await writer.write(chunk);
      bytes += chunk.byteLength;
      options.progress('pull', bytes, blob.descriptor.size);
      yield chunk;
    }
    await writer.commit(blob.descriptor);
  } finally {
    await writer.abort();
  }
}
