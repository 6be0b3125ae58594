import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Digest } from '@onebuild/core';
import {
  type Descriptor,
  digestHex,
  digestOf,
  type ImageConfig,
  type Manifest,
  mediaTypes,
} from '@onebuild/oci';
import { seededBytes, seededNumbers } from './random-bytes.ts';
import { tarFiles } from './tar-files.ts';

export interface RandomLayer {
  readonly bytes: Buffer;
  readonly descriptor: Descriptor;
  /** Of the tar archive inside. */
  readonly diffId: Digest;
}

export interface RandomImage {
  /** Of the manifest. */
  readonly descriptor: Descriptor;
  readonly manifest: Buffer;
  readonly config: { readonly bytes: Buffer; readonly descriptor: Descriptor };
  readonly layers: readonly RandomLayer[];
}

export interface RandomLayerOptions {
  /** Bytes of content, spread over the files. Default 4096. */
  readonly size?: number;
  /** Default 3. */
  readonly files?: number;
  /** Default `gzip`. */
  readonly compression?: 'none' | 'gzip';
}

/** A layer of small files in a folder `seed/`; the same for the same seed and options. */
export function randomLayer(seed: string, options: RandomLayerOptions = {}): RandomLayer {
  const { size = 4096, files = 3, compression = 'gzip' } = options;
  const next = seededNumbers(seed);
  const each = Math.floor(size / files);
  const tar = tarFiles(
    Array.from({ length: files }, (_, at) => ({
      path: `${digestHex(digestOf(seed)).slice(0, 8)}/file-${at}`,
      mode: next() < 0.3 ? 0o755 : 0o644,
      content: seededBytes(`${seed}/${at}`, each),
    })),
  );
  const bytes = compression === 'gzip' ? gzipSync(tar, { level: 1 }) : tar;
  const mediaType = compression === 'gzip' ? mediaTypes.ociLayerGzip : mediaTypes.ociLayer;
  return { bytes, diffId: digestOf(tar), descriptor: describe(mediaType, bytes) };
}

/** An image that nothing can be run in; the same for the same seed and options. */
export function randomImage(
  seed: string,
  options: RandomLayerOptions & {
    readonly layers?: number;
    readonly annotations?: Record<string, string>;
  } = {},
): RandomImage {
  const { layers: count = 2, annotations, ...each } = options;
  const layers = Array.from({ length: count }, (_, at) => randomLayer(`${seed}/layer-${at}`, each));
  const config: ImageConfig = {
    created: '2020-01-01T00:00:00Z',
    architecture: 'amd64',
    os: 'linux',
    config: { Env: ['PATH=/bin'], Labels: { seed } },
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
  };
  const configBytes = Buffer.from(JSON.stringify(config));
  const configDescriptor = describe(mediaTypes.ociConfig, configBytes);
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config: configDescriptor,
    layers: layers.map(({ descriptor }) => descriptor),
    ...(annotations && { annotations }),
  };
  const bytes = Buffer.from(JSON.stringify(manifest));
  return {
    descriptor: describe(mediaTypes.ociManifest, bytes),
    manifest: bytes,
    config: { bytes: configBytes, descriptor: configDescriptor },
    layers,
  };
}

/** Writes an image as an OCI layout (OCI image spec, image-layout.md) under a tag. */
export function writeLayout(dir: string, image: RandomImage, tag = 'latest'): void {
  const blobs = join(dir, 'blobs', 'sha256');
  mkdirSync(blobs, { recursive: true });
  for (const { bytes, descriptor } of [...image.layers, image.config]) {
    writeFileSync(join(blobs, digestHex(descriptor.digest)), bytes);
  }
  writeFileSync(join(blobs, digestHex(image.descriptor.digest)), image.manifest);
  writeFileSync(join(dir, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  const annotations = { 'org.opencontainers.image.ref.name': tag };
  const manifests = [{ ...image.descriptor, annotations }];
  writeFileSync(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }));
}

function describe(mediaType: string, bytes: Buffer): Descriptor {
  return { mediaType, digest: digestOf(bytes), size: bytes.length };
}
