import { type Descriptor, mediaTypes } from '@onebuild/oci';
import type { LayerCompression } from '../build-options.ts';
import { exportLayer } from '../layer/export-layer.ts';
import type { Layer } from '../stack/layer.ts';
import type { Store } from '../store/store.ts';
import type { BuildTimes } from './times.ts';

/** A layer of an image as its manifest names it. */
export interface ImageLayer {
  readonly layer: Layer;
  readonly descriptor: Descriptor;
  readonly diffId: Descriptor['digest'];
}

export interface ExportLayersServices {
  readonly store: Store;
  readonly times: BuildTimes;
  readonly signal: AbortSignal;
  readonly onProgress?: (layer: Layer, bytes: number) => void;
}

/** Makes blobs of layers, each once however many images hold it. */
export function createLayerExporter(
  services: ExportLayersServices,
): (layer: Layer, compression: LayerCompression) => Promise<ImageLayer> {
  const { store, times, signal } = services;
  const done = new Map<string, Promise<ImageLayer>>();

  async function make(layer: Layer, compression: LayerCompression, form: string): Promise<ImageLayer> {
    const known = store.db.exported(layer.id, form);
    if (known !== undefined && (await store.blobs.size(known.digest)) === known.size) {
      const { diffId, digest, size, mediaType } = known;
      return { layer, diffId, descriptor: { mediaType, digest, size } };
    }
    const loaded = await layer.load();
    const files = loaded.index.entries.filter((entry) => entry.type === 'file').map((entry) => entry.path);
    await loaded.prepare(files);
    const blob = await exportLayer(loaded.index, (entry) => loaded.contentOf(entry), {
      blobs: store.blobs,
      mtimeOf: (entry) => times.layers ?? entry.mtime,
      layers: compression,
      signal,
      onProgress: (bytes) => services.onProgress?.(layer, bytes),
    });
    const { descriptor, diffId } = blob;
    store.db.setExported(layer.id, form, { ...descriptor, diffId });
    return { layer, descriptor, diffId };
  }

  return (layer, compression) => {
    if (layer.base !== undefined && compression.force !== true) {
      const { descriptor, diffId } = layer.base;
      return Promise.resolve({
        layer,
        diffId,
        descriptor: { ...descriptor, mediaType: ociType(descriptor.mediaType) },
      });
    }
    const form = [
      layer.base === undefined ? (times.layers ?? 'own') : 'base',
      compression.compression,
      compression.level ?? '',
    ].join(':');
    const key = `${layer.id} ${form}`;
    let promise = done.get(key);
    if (promise === undefined) {
      promise = make(layer, compression, form);
      done.set(key, promise);
    }
    return promise;
  };
}

/** Docker's names for the same bytes. */
function ociType(mediaType: string): string {
  switch (mediaType) {
    case mediaTypes.dockerLayer:
      return mediaTypes.ociLayer;
    case mediaTypes.dockerLayerGzip:
      return mediaTypes.ociLayerGzip;
    case mediaTypes.dockerLayerZstd:
      return mediaTypes.ociLayerZstd;
    default:
      return mediaType;
  }
}
