import assert from 'node:assert/strict';
import { isFault, type OneBuildError } from '@onebuild/core';
import type { Descriptor } from '@onebuild/oci';
import type { RegistryClient } from '../registry-client.ts';
import { blobOf, collect, manifestOf } from './sample-content.ts';

/** A small image whose parts are all different, and the same for the same seed. */
export interface SampleImage {
  readonly parts: readonly (ReturnType<typeof blobOf> & { readonly bytes: Buffer })[];
  readonly manifest: ReturnType<typeof manifestOf>;
}

export function sampleImage(seed: (name: string, size: number) => Buffer): SampleImage {
  const parts = [
    ['config', 700],
    ['layer', 100_000],
  ].map(([name, size]) => {
    const bytes = seed(name as string, size as number);
    return { bytes, ...blobOf(bytes) };
  });
  const [config, ...layers] = parts.map(({ descriptor }) => descriptor);
  return { parts, manifest: manifestOf(config as Descriptor, layers) };
}

/** Everything that goes to a registry and comes back: blobs, the manifest by digest, the tag; and all of it again. */
export async function roundTrip(
  client: RegistryClient,
  host: string,
  { image, repository = 'app' }: { readonly image: SampleImage; readonly repository?: string },
): Promise<void> {
  const place = { registry: host, repository };
  const { bytes, mediaType } = image.manifest;
  for (const { blob } of image.parts) await client.pushBlob(place, blob);
  await client.pushManifest(place, { bytes, mediaType });
  await client.pushManifest(place, { bytes, mediaType, tag: 'new' });
  const resolved = await client.resolve({ ...place, tag: 'new' });
  const manifest = await client.manifest({ ...place, digest: resolved.digest });
  assert.ok(Buffer.from(manifest.bytes).equals(bytes));
  for (const part of image.parts) {
    const got = await collect(client.blob(place, part.descriptor));
    assert.ok(got.equals(part.bytes));
  }
}

/**
 * Fails unless an error is one that a user can act on: of the catalog, naming the registry and the repository in one
 * bounded line.
 */
export function assertClear(
  error: unknown,
  registry: string,
  repository: string,
): asserts error is OneBuildError {
  assert.ok(isFault(error), String((error as Error).stack));
  const { code, message, hint } = error;
  assert.notEqual(code, 'INTERNAL', message);
  assert.ok(
    message.includes(`${registry}/${repository}`),
    `does not name ${registry}/${repository}: ${message}`,
  );
  assert.match(message, /(?:[:@]sha256:[0-9a-f]{64}|:new\b|uploads?\b|blob|manifest)/);
  assert.ok(message.length < 700 && !message.includes('\n'), message);
  assert.notEqual(hint, '');
}
