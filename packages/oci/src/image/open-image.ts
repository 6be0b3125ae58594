import { fault } from '@onebuild/core';
import type { Descriptor } from '../descriptor.ts';
import type { Platform } from '../platform.ts';
import { parseImageConfig, parseManifest } from '../schema.ts';
import type { Image, Layer, OpenOptions } from './image.ts';

/** An image as stored. */
export interface StoredImage {
  readonly manifestBytes: Uint8Array;
  readonly configBytes: Uint8Array;
  /** Streams a layer as stored. */
  readonly openLayer: (descriptor: Descriptor, options?: OpenOptions) => AsyncIterable<Uint8Array>;
}

/**
 * The image of bytes that came from a registry or layout; they stay as they are, so its digest does, too.
 * @throws MANIFEST_INVALID, also when manifest and config have different numbers of layers
 */
export function openImage({ manifestBytes, configBytes, openLayer }: StoredImage): Image {
  const parsed = parseManifest(manifestBytes);
  if (parsed.kind === 'index') throw fault('MANIFEST_INVALID', 'the manifest is an index of several images');
  const manifest = parsed.value;
  const config = parseImageConfig(configBytes);
  const diffIds = config.rootfs.diff_ids;
  if (diffIds.length !== manifest.layers.length) {
    throw fault(
      'MANIFEST_INVALID',
      `the manifest has ${manifest.layers.length} layers, the config ${diffIds.length}`,
    );
  }
  const layers = manifest.layers.map((descriptor, at): Layer => {
    const diffId = diffIds[at] ?? descriptor.digest;
    const open = (options?: OpenOptions) => openLayer(descriptor, options);
    return Object.freeze({ diffId, descriptor: () => Promise.resolve(descriptor), open });
  });
  return Object.freeze({
    platform: platformOf(config),
    layers,
    config: () => Promise.resolve(config),
    manifest: () => Promise.resolve(manifest),
    configBytes: () => Promise.resolve(configBytes),
    manifestBytes: () => Promise.resolve(manifestBytes),
  });
}

function platformOf(config: Platform): Platform {
  const { os, architecture, variant } = config;
  const version = config['os.version'];
  const features = config['os.features'];
  return {
    os,
    architecture,
    ...(variant !== undefined && { variant }),
    ...(version !== undefined && { 'os.version': version }),
    ...(features !== undefined && { 'os.features': features }),
  };
}
