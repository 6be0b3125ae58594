import { createHash, randomBytes } from 'node:crypto';
import type { Digest } from '@onebuild/core';
import { type Descriptor, digestOf, mediaTypes } from '@onebuild/oci';
import type { PushBlob } from '../registry-client.ts';

const chunkSize = 64 * 1024;

/** A blob of random bytes that no other test has, ready to push. */
export function sampleBlob(size: number): { bytes: Buffer; descriptor: Descriptor; blob: PushBlob } {
  const bytes = randomBytes(size);
  return { bytes, ...blobOf(bytes) };
}

export function blobOf(bytes: Uint8Array, algorithm = 'sha256'): { descriptor: Descriptor; blob: PushBlob } {
  const hex = createHash(algorithm).update(bytes).digest('hex');
  const descriptor: Descriptor = {
    mediaType: mediaTypes.ociLayer,
    digest: `${algorithm}:${hex}` as Digest,
    size: bytes.length,
  };
  return { descriptor, blob: { descriptor, open: (offset) => pieces(bytes, offset) } };
}

export async function* pieces(bytes: Uint8Array, offset = 0): AsyncGenerator<Uint8Array> {
  for (let at = offset; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
}

export async function collect(stream: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** A manifest over descriptors, with its digest. */
export function manifestOf(
  config: Descriptor,
  layers: readonly Descriptor[],
  extra: Readonly<Record<string, unknown>> = {},
): { bytes: Buffer; digest: Digest; mediaType: string } {
  const manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: { ...config, mediaType: mediaTypes.ociConfig },
    layers,
    ...extra,
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return { bytes, digest: digestOf(bytes), mediaType: mediaTypes.ociManifest };
}
