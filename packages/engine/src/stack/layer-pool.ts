import { type Digest, type EmitFact, fault } from '@onebuild/core';
import { indexDigest, type LayerIndex } from '@onebuild/oci';
import { once } from '../graph/once.ts';
import type { Store } from '../store/store.ts';
import type { Origin } from '../tree/tree-editor.ts';
import { assembledLayer, type AssembledSource, originContents } from './assembled-layer.ts';
import { baseLayer, type KnownListing } from './base-layer.ts';
import { earlierLayers, rememberLayer } from './earlier-layers.ts';
import type { BaseBlob, Layer, LoadedLayer } from './layer.ts';
import { loadedLayer } from './loaded-layer.ts';
import { createPoolFolders } from './pool-folders.ts';
import { publishFolder, publishIndex, readIndex } from './publish-folder.ts';
import { type RemoteLayer, travelledLayer } from './travelled-layer.ts';

export interface LayerPoolOptions {
  readonly store: Store;
  readonly rootless: boolean;
  readonly signal: AbortSignal;
  readonly emit: EmitFact;
  /** The listing of a base's layer that a cache has, by its diff id. */
  readonly remoteListing?: (diffId: Digest) => Promise<KnownListing | undefined>;
}

/** Makes layers, one object per layer, however many stages have it. */
export interface LayerPool {
  /** A layer of a base image. */
  base(blob: BaseBlob): Layer;
  /** Steps will run on this layer: who lists it first unpacks it in the same pass. */
  expectRun(blob: BaseBlob): void;
  /** Files put together from elsewhere: COPY, ADD, WORKDIR. Nothing is copied until `directory`. */
  recipe(index: LayerIndex, made: RecipeSource): Layer;
  /** The files of `layer` with the attributes that `index` says; `earlier` as of a layer. */
  revised(layer: LoadedLayer, index: LayerIndex, earlier: readonly Digest[]): Layer;
  /** A layer whose name is known, and that `make` makes when somebody asks for its files. */
  later(id: Digest, make: () => Promise<Layer | undefined>): Layer;
  /** What an earlier run left in the store; undefined when it is gone. */
  stored(id: Digest): Promise<Layer | undefined>;
  /** What a cache has. */
  travelled(remote: RemoteLayer): Layer;
  /** Takes a folder in overlayfs form into the store, what `operation` made. */
  adopt(index: LayerIndex, folder: string, operation: Digest): Promise<Layer>;
}

export interface RecipeSource {
  readonly origins: ReadonlyMap<string, Origin>;
  /** See `Layer.earlier`. */
  readonly earlier: readonly Digest[];
}

export function createLayerPool(options: LayerPoolOptions): LayerPool {
  const { store } = options;
  const folders = createPoolFolders(store);
  const inside = { ...options, folders };
  const layers = new Map<Digest, Layer>();
  const awaited = new Map<Digest, Layer>();
  const expectedToRun = new Set<Digest>();

  function intern(id: Digest, make: () => Layer): Layer {
    let layer = layers.get(id);
    if (layer === undefined) {
      layer = make();
      layers.set(id, layer);
    }
    return layer;
  }

  function assembled(index: LayerIndex, source: AssembledSource): Layer {
    const id = indexDigest(index);
    return intern(id, () => assembledLayer({ id, index }, source, inside));
  }

  function later(id: Digest, make: () => Promise<Layer | undefined>): Layer {
    const known = layers.get(id) ?? awaited.get(id);
    if (known !== undefined) return known;
    const made = once(async () => {
      const layer = await make();
      if (layer?.id !== id) throw fault('INTERNAL', `layer ${id} came out as ${layer?.id ?? 'none'}`);
      return layer;
    });
    const layer: Layer = {
      id,
      load: async () => (await made()).load(),
      directory: async () => (await made()).directory(),
      parts: async (below) => (await made()).parts?.(below),
    };
    awaited.set(id, layer);
    return layer;
  }

  function fromStore(
    id: Digest,
    index: LayerIndex,
    { folder, earlier = [] }: { readonly folder: string; readonly earlier?: readonly Digest[] },
  ): Layer {
    return intern(id, () => {
      const directory = async () => folder;
      const load = once(async () => loadedLayer(id, index, { folder: directory, known: folder }));
      return { id, earlier, directory, load };
    });
  }

  return {
    base: (blob) =>
      intern(blob.diffId, () =>
        baseLayer(blob, {
          ...inside,
          isExpected: () => expectedToRun.has(blob.diffId),
          knownListing: async () => options.remoteListing?.(blob.diffId),
        }),
      ),
    expectRun: (blob) => void expectedToRun.add(blob.diffId),
    recipe: (index, { origins, earlier }) => assembled(index, { ...originContents(origins), earlier }),
    revised: (layer, index, earlier) =>
      assembled(index, {
        contentOf: (entry) => layer.contentOf(entry),
        prepare: (paths) => layer.prepare(paths),
        earlier,
      }),
    later,
    async stored(id) {
      const known = layers.get(id);
      if (known !== undefined) return known;
      const folder = folders.stored(id);
      const index = folder === undefined ? undefined : await readIndex(store, id);
      return folder !== undefined && index !== undefined ? fromStore(id, index, { folder }) : undefined;
    },
    travelled: (remote) => intern(remote.id, () => travelledLayer(remote, inside)),
    async adopt(index, folder, operation) {
      const id = indexDigest(index);
      await publishIndex(store, id, index);
      const there = await publishFolder(store, { id, index }, folder);
      const earlier = earlierLayers(store, operation);
      rememberLayer(store, operation, id);
      return fromStore(id, index, { folder: there, earlier });
    },
  };
}
