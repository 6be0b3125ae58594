import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { type Digest, type EmitFact, fault, isFault, withFact } from '@onebuild/core';
import { createLayerIndexer, familiarReference, type LayerIndex, readTar } from '@onebuild/oci';
import { type Progress, reportStep } from '../graph/report-step.ts';
import { decompressStream } from '../layer/decompress.ts';
import { removeTree } from '../snapshot/remove-tree.ts';
import { type UnpackOptions, unpackLayer } from '../snapshot/unpack-layer.ts';
import type { Store } from '../store/store.ts';
import type { BaseBlob } from './layer.ts';

export interface FetchBaseOptions {
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly rootless: boolean;
  readonly emit: EmitFact;
}

interface PullOptions extends FetchBaseOptions {
  readonly progress: Progress;
}

/** Reads a base's layer for its listing only. */
export async function listBase(blob: BaseBlob, options: FetchBaseOptions): Promise<LayerIndex> {
  return verified(blob, options, async (tar) => {
    const indexer = createLayerIndexer();
    await readTar(tar, indexer);
    return indexer.finish();
  });
}

/** Unpacks a base's layer into the empty folder `folder`, in overlayfs form. */
export function unpackBase(
  blob: BaseBlob,
  folder: string,
  options: FetchBaseOptions & Pick<UnpackOptions, 'mtimeOf'>,
): Promise<LayerIndex> {
  const { signal, rootless, mtimeOf } = options;
  let begun = false;
  return verified(blob, options, async (tar) => {
    if (begun) {
      await removeTree(folder);
      await mkdir(folder);
    }
    begun = true;
    return unpackLayer(tar, folder, { signal, rootless, ...(mtimeOf && { mtimeOf }) });
  });
}

/**
 * Streams the blob once: into the store (when it isn't there), through the decompressor, into `use`; checks blob digest and diff id.
 * Where it came damaged, it is fetched whole, and `use` gets it again from its start.
 */
async function verified<T>(
  blob: BaseBlob,
  options: FetchBaseOptions,
  use: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const isHere = await isStored(blob, options);
  const from = blob.repository === undefined ? '' : ` of ${familiarReference(blob.repository)}`;
  const name = `${isHere ? 'unpack' : 'pull'} layer ${blob.descriptor.digest.slice(0, 19)}${from}`;
  return reportStep(options.emit, name, (progress) => verifiedStream(blob, { ...options, progress }, use));
}

async function verifiedStream<T>(
  blob: BaseBlob,
  options: PullOptions,
  use: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  try {
    if (await isStored(blob, options)) return await checked(blob, storedBytes(blob, options), use);
    try {
      return await checked(blob, tee(blob, options), use);
    } catch (error) {
      // in the store it would be what it should be, and the fault its own
      if (!isFault(error, 'DIGEST_MISMATCH', 'TAR_INVALID') || (await isStored(blob, options))) throw error;
      await fetchWhole(blob, options);
      return await checked(blob, storedBytes(blob, options), use);
    }
  } catch (error) {
    const base = blob.repository === undefined ? 'the base' : familiarReference(blob.repository);
    throw withFact(error, `layer ${blob.descriptor.digest} of ${base}`);
  }
}

async function checked<T>(
  blob: BaseBlob,
  bytes: AsyncIterable<Uint8Array>,
  use: (tar: AsyncIterable<Uint8Array>) => Promise<T>,
): Promise<T> {
  const hash = createHash('sha256');
  const result = await use(hashing(decompressStream(bytes, blob.descriptor.mediaType), hash));
  const diffId = `sha256:${hash.digest('hex')}` as Digest;
  if (diffId === blob.diffId) return result;
  throw fault('DIGEST_MISMATCH', `it unpacks to ${diffId}, the image's config says ${blob.diffId}`);
}

/** Brings a blob that came damaged before; what was damaged on the way comes right the next time or the one after that. */
async function fetchWhole(blob: BaseBlob, options: PullOptions): Promise<void> {
  for (let tries = 2; ; tries--) {
    try {
      for await (const _ of tee(blob, options));
      return;
    } catch (error) {
      if (tries === 1 || !isFault(error, 'DIGEST_MISMATCH')) throw error;
    }
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

async function isStored({ descriptor }: BaseBlob, { store }: FetchBaseOptions): Promise<boolean> {
  return (await store.blobs.size(descriptor.digest)) !== undefined;
}

function storedBytes({ descriptor }: BaseBlob, { store }: FetchBaseOptions): AsyncIterable<Uint8Array> {
  return createReadStream(store.blobs.path(descriptor.digest), { highWaterMark: 1 << 20 });
}

async function* tee(blob: BaseBlob, options: PullOptions): AsyncGenerator<Uint8Array> {
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
