import { type Descriptor, mediaTypes } from '@onebuild/oci';
import type { LayerCompression } from '../build-options.ts';
import type { RemoteCache } from '../cache/remote-cache.ts';
import { blockCodecs } from '../layer/compress/block-codec.ts';
import type { EarlierLayer, StoredBlock } from '../layer/earlier-blocks.ts';
import { exportLayer } from '../layer/export-layer.ts';
import type { BaseBlob, Layer } from '../stack/layer.ts';
import type { Store } from '../store/store.ts';
import type { BuildTimes } from './times.ts';

/** A layer of an image as its manifest names it. */
export interface ImageLayer {
  readonly layer: Layer;
  readonly descriptor: Descriptor;
  readonly diffId: Descriptor['digest'];
  /** Where the blob is, if it need not be in the store: a base's layer, or one that a cache has. */
  readonly source?: BaseBlob;
  /** How a layer that was made here, or where the cache was written, became this blob. */
  readonly form?: string;
}

export interface ExportLayersServices {
  readonly store: Store;
  readonly signal: AbortSignal;
  readonly remote?: Pick<RemoteCache, 'exported'> | undefined;
  readonly onProgress?: (layer: Layer, bytes: number) => void;
}

/** How a layer becomes a blob. */
export interface LayerForm {
  readonly compression: LayerCompression;
  readonly times: BuildTimes;
}

/** Makes blobs of layers, each once however many images hold it. */
export function createLayerExporter(
  services: ExportLayersServices,
): (layer: Layer, form: LayerForm) => Promise<ImageLayer> {
  const { store, signal } = services;
  const done = new Map<string, Promise<ImageLayer>>();

  async function make(layer: Layer, { compression, times }: LayerForm, form: string): Promise<ImageLayer> {
    const known = store.db.exported(layer.id, form);
    if (known !== undefined && (await store.blobs.size(known.digest)) === known.size) {
      const { diffId, digest, size, mediaType } = known;
      return { layer, diffId, form, descriptor: { mediaType, digest, size } };
    }
    const source = await services.remote?.exported(layer.id, form);
    if (source !== undefined) {
      const { descriptor, diffId } = source;
      return { layer, diffId, form, descriptor, source };
    }
    const loaded = await layer.load();
    const files = loaded.index.entries.filter((entry) => entry.type === 'file').map((entry) => entry.path);
    await loaded.prepare(files);
    const blob = await exportLayer(loaded.index, (entry) => loaded.contentOf(entry), {
      blobs: store.blobs,
      mtimeOf: (entry) => times.layers ?? entry.mtime,
      layers: compression,
      earlier: earlierExports(store, layer, form),
      signal,
      onProgress: (bytes) => services.onProgress?.(layer, bytes),
    });
    const { descriptor, diffId, blocks } = blob;
    store.db.setExported(layer.id, form, { ...descriptor, diffId });
    store.db.setFact('blocks', descriptor.digest, JSON.stringify(blocks));
    return { layer, form, descriptor, diffId };
  }

  return (layer, { compression, times }) => {
    if (layer.base !== undefined && compression.force !== true) {
      const { descriptor, diffId } = layer.base;
      return Promise.resolve({
        layer,
        diffId,
        source: layer.base,
        descriptor: { ...descriptor, mediaType: ociType(descriptor.mediaType) },
      });
    }
    const form = [
      layer.base === undefined ? (times.layers ?? 'own') : 'base',
      compression.compression,
      compression.level ?? '',
      blockCodecs[compression.compression].version,
    ].join(':');
    const key = `${layer.id} ${form}`;
    let promise = done.get(key);
    if (promise === undefined) {
      promise = make(layer, { compression, times }, form);
      done.set(key, promise);
    }
    return promise;
  };
}

/** Layers of the same operation that were exported in the same form. */
function earlierExports(store: Store, { earlier = [] }: Layer, form: string): readonly EarlierLayer[] {
  return earlier.flatMap((id) => {
    const digest = store.db.exported(id, form)?.digest;
    const blocks = digest && store.db.fact('blocks', digest);
    return digest === undefined || blocks === undefined
      ? []
      : [{ digest, blocks: JSON.parse(blocks) as StoredBlock[] }];
  });
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
