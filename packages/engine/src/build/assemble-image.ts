import { createReadStream } from 'node:fs';
import { redactUrls } from '@onebuild/core';
import {
  type Descriptor,
  digestOf,
  encodeJson,
  formatPlatform,
  type HistoryEntry,
  type ImageConfig,
  mediaTypes,
  type RunConfig,
} from '@onebuild/oci';
import type { LayerCompression } from '../build-options.ts';
import type { StageState } from '../frontend/stage-state.ts';
import { allEnded } from '../graph/all-ended.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import type { ExportImage, ExportLayer } from '../output/export-image.ts';
import type { Snapshot } from '../stack/layer.ts';
import { timedTree } from '../stack/snapshot-tree.ts';
import type { Store } from '../store/store.ts';
import type { ImageLayer, LayerForm } from './export-layers.ts';
import type { BuildTimes } from './times.ts';

export interface AssembleServices {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly times: BuildTimes;
  readonly labels: Readonly<Record<string, string>>;
  /** For the manifest of this platform. */
  readonly annotations: Readonly<Record<string, string>>;
  exportLayer(layer: Snapshot['layers'][number], form: LayerForm): Promise<ImageLayer>;
}

/** A finished image with its layers as they are in manifests; base layers know where they can be mounted from. */
export interface AssembledImage extends ExportImage {
  readonly imageLayers: readonly ImageLayer[];
}

/** Makes config and manifest of a stage that has been solved: OCI image spec, config.md and manifest.md. */
export async function assembleImage(
  services: AssembleServices,
  state: StageState,
  compression: LayerCompression,
): Promise<AssembledImage> {
  const snapshot = await services.scheduler.solve(state.snapshot);
  const imageLayers = await allEnded(
    snapshot.layers.map((layer) => services.exportLayer(layer, { compression, times: services.times })),
  );
  const value: ImageConfig = {
    created: rfc3339(services.times.created),
    ...(state.author !== undefined && { author: state.author }),
    architecture: state.platform.architecture,
    os: state.platform.os,
    ...(state.platform.variant !== undefined && { variant: state.platform.variant }),
    ...baseFields(state.baseConfig),
    config: runConfig(state, services.labels),
    rootfs: { type: 'layers', diff_ids: imageLayers.map((layer) => layer.diffId) },
    history: await history(services, state),
  };
  const configBytes = encodeJson(value);
  const config: Descriptor = {
    mediaType: mediaTypes.ociConfig,
    digest: digestOf(configBytes),
    size: configBytes.byteLength,
  };
  const hasAnnotations = Object.keys(services.annotations).length > 0;
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.ociManifest,
    config,
    layers: imageLayers.map((layer) => layer.descriptor),
    ...(hasAnnotations && { annotations: services.annotations }),
  });
  const { os, architecture, variant } = state.platform;
  return {
    platform: state.platform,
    manifest: {
      bytes,
      descriptor: {
        mediaType: mediaTypes.ociManifest,
        digest: digestOf(bytes),
        size: bytes.byteLength,
        platform: { os, architecture, ...(variant !== undefined && { variant }) },
      },
    },
    config: { descriptor: config, bytes: configBytes, value },
    imageLayers,
    layers: imageLayers.map((layer) => exportedLayer(services.store, layer)),
    tree: () => timedTree(snapshot, services.times.layers),
  };
}

/** Opens the blob in the store, else (a layer of a base or a cache that nobody read) where it came from. */
function exportedLayer(store: Store, { descriptor, source }: ImageLayer): ExportLayer {
  return {
    descriptor,
    async *open(signal) {
      if (source !== undefined && (await store.blobs.size(descriptor.digest)) === undefined)
        yield* source.open(signal);
      else yield* createReadStream(store.blobs.path(descriptor.digest), { highWaterMark: 1 << 20, signal });
    },
  };
}

function baseFields(base: ImageConfig | undefined): Partial<ImageConfig> {
  return {
    ...(base?.['os.version'] !== undefined && { 'os.version': base['os.version'] }),
    ...(base?.['os.features'] !== undefined && { 'os.features': base['os.features'] }),
  };
}

function runConfig(state: StageState, labels: Readonly<Record<string, string>>): RunConfig {
  const { config } = state;
  const all = { ...config.Labels, ...labels };
  return { ...config, ...(Object.keys(all).length > 0 && { Labels: all }) };
}

/** The base's lines, then ours; a line makes a layer when the file system grew by it. */
async function history(services: AssembleServices, state: StageState): Promise<readonly HistoryEntry[]> {
  const created = rfc3339(services.times.created);
  const lines: HistoryEntry[] = [...baseHistory(state)];
  let layers = state.baseConfig?.rootfs.diff_ids.length ?? 0;
  for (const line of state.history) {
    const size = line.node === undefined ? layers : (await services.scheduler.solve(line.node)).layers.length;
    lines.push({
      created,
      // everybody who has the image can read it
      created_by: redactUrls(line.createdBy),
      comment: 'onebuild.dockerfile.v1',
      ...(size === layers && { empty_layer: true }),
    });
    layers = size;
  }
  return lines;
}

/** A base without history gets a line per layer: readers count on as many lines as layers. */
function baseHistory(state: StageState): readonly HistoryEntry[] {
  const layers = state.baseConfig?.rootfs.diff_ids.length ?? 0;
  const said = state.baseHistory.filter((line) => line.empty_layer !== true).length;
  if (said === layers) return state.baseHistory;
  return Array.from({ length: layers }, () => ({ comment: 'base layer' }));
}

function rfc3339(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');
}

/** The index over images of several platforms: OCI image spec, image-index.md. */
export function assembleIndex(
  images: readonly ExportImage[],
  annotations: Readonly<Record<string, string>>,
): { readonly descriptor: Descriptor; readonly bytes: Uint8Array } {
  const bytes = encodeJson({
    schemaVersion: 2,
    mediaType: mediaTypes.ociIndex,
    manifests: images
      .map((image) => image.manifest.descriptor)
      .sort((a, b) => (platformOf(a) < platformOf(b) ? -1 : 1)),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  });
  const descriptor = { mediaType: mediaTypes.ociIndex, digest: digestOf(bytes), size: bytes.byteLength };
  return { descriptor, bytes };
}

function platformOf(descriptor: Descriptor): string {
  return descriptor.platform === undefined ? '' : formatPlatform(descriptor.platform);
}
