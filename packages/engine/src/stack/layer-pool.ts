import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, type EmitFact, fault } from '@onebuild/core';
import { digestHex, indexDigest, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import { allEnded } from '../graph/all-ended.ts';
import { materialize } from '../snapshot/materialize.ts';
import type { Store } from '../store/store.ts';
import type { FileContent, FileTree } from '../tree/file-tree.ts';
import { createLayerView, type LayerView } from '../tree/layer-view.ts';
import type { Origin } from '../tree/tree-editor.ts';
import { earlierLayers, rememberLayer } from './earlier-layers.ts';
import { listBase, unpackBase } from './fetch-base.ts';
import type { BaseBlob, Layer, LoadedLayer } from './layer.ts';
import { findLayerParts, hidesSomething, rememberBase } from './layer-parts.ts';
import { publishFolder, publishIndex, readIndex } from './publish-folder.ts';

export interface LayerPoolOptions {
  readonly store: Store;
  readonly rootless: boolean;
  readonly signal: AbortSignal;
  readonly emit: EmitFact;
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
  /** Takes a folder in overlayfs form into the store, what `operation` made. */
  adopt(index: LayerIndex, folder: string, operation: Digest): Promise<Layer>;
}

export interface RecipeSource {
  readonly origins: ReadonlyMap<string, Origin>;
  /** See `Layer.earlier`. */
  readonly earlier: readonly Digest[];
}

interface AssembledSource extends Pick<LoadedLayer, 'contentOf' | 'prepare'> {
  readonly earlier: readonly Digest[];
}

export function createLayerPool(options: LayerPoolOptions): LayerPool {
  const { store } = options;
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

  const storedFolder = (id: Digest): string | undefined =>
    store.db.touch('layer', id) ? join(store.layersDir, digestHex(id)) : undefined;
  const listedFolder = (id: Digest): string | undefined =>
    store.db.touch('index', id) ? storedFolder(id) : undefined;

  async function tempFolder(): Promise<string> {
    const folder = join(store.temp, `layer-${randomUUID()}`);
    await mkdir(folder);
    return folder;
  }

  function base(blob: BaseBlob): Layer {
    const id = blob.diffId;
    return intern(id, () => {
      /** Set once the blob is being unpacked, which lists it, too. */
      let unpacking: Promise<LayerIndex> | undefined;
      let unpacked: LayerIndex | undefined;
      const unpack = async (): Promise<LayerIndex> => {
        const folder = await tempFolder();
        const index = await unpackBase(blob, folder, options);
        await publishIndex(store, id, index);
        await publishFolder(store, { id, index }, folder);
        unpacked = index;
        return index;
      };
      const directory = once(async () => {
        const there = listedFolder(id);
        if (there !== undefined) return there;
        unpacking ??= unpack();
        await unpacking;
        return join(store.layersDir, digestHex(id));
      });
      const list = async (): Promise<LayerIndex> => {
        if (expectedToRun.has(id)) unpacking ??= unpack();
        if (unpacking !== undefined) return unpacking;
        const index = await listBase(blob, options);
        await publishIndex(store, id, index);
        return index;
      };
      const load = once(async () => {
        // a listing that was kept is there before files that are only being unpacked
        const known = unpacked ?? (await readIndex(store, id));
        return loaded(id, known ?? (await list()), { folder: directory });
      });
      return { id, base: blob, load, directory };
    });
  }

  function recipe(index: LayerIndex, { origins, earlier }: RecipeSource): Layer {
    const contentOf = (entry: LayerEntry): FileContent => {
      const origin = origins.get(entry.path);
      if (origin === undefined) return emptyContent();
      return origin.tree.content(origin.path);
    };
    const prepare = (paths: readonly string[]) => prepareOrigins(paths, origins);
    return assembled(index, { contentOf, prepare, earlier });
  }

  function assembled(index: LayerIndex, { contentOf, prepare, earlier }: AssembledSource): Layer {
    const id = indexDigest(index);
    return intern(id, () => {
      /** The folder of a layer of these files, or of some. */
      const part = async (of: LayerIndex, content: typeof contentOf): Promise<string> => {
        const partId = of === index ? id : indexDigest(of);
        const there = listedFolder(partId);
        if (there !== undefined) return there;
        const files = of.entries.filter((entry) => entry.type === 'file');
        await prepare(files.map((entry) => entry.path));
        const folder = await tempFolder();
        const { signal, rootless } = options;
        await materialize(of, content, { dir: folder, signal, rootless });
        await publishIndex(store, partId, of);
        return publishFolder(store, { id: partId, index: of }, folder);
      };
      const directory = once(() => part(index, contentOf));
      const findParts = once(() => findLayerParts(store, { index, earlier }));
      const overBase = once(async (): Promise<readonly string[] | undefined> => {
        const found = await findParts();
        if (found === undefined) return undefined;
        const { under, over } = found.delta;
        const [low, high] = [await part(under, emptyContent), await part(over, contentOf)];
        rememberBase(store, id, found.base);
        return [low, join(store.layersDir, digestHex(found.base)), high];
      });
      const parts = async (below: () => Promise<FileTree>) => {
        if (storedFolder(id) !== undefined) return undefined;
        const found = await findParts();
        return found === undefined || (await hidesSomething(found.delta, below)) ? undefined : overBase();
      };
      const load = once(async () => loaded(id, index, { contentOf, prepare }));
      return { id, earlier, load, directory, parts };
    });
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
      const load = once(async () => loaded(id, index, { folder: directory, known: folder }));
      return { id, earlier, directory, load };
    });
  }

  return {
    base,
    expectRun: (blob) => void expectedToRun.add(blob.diffId),
    recipe,
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
      const folder = storedFolder(id);
      const index = folder === undefined ? undefined : await readIndex(store, id);
      return folder !== undefined && index !== undefined ? fromStore(id, index, { folder }) : undefined;
    },
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

const emptyContent = (): FileContent => ({ kind: 'bytes', bytes: new Uint8Array() });

/** Where a layer's bytes are: in a folder that may have to be unpacked first, or wherever `contentOf` says. */
type Contents =
  | { readonly folder: () => Promise<string>; readonly known?: string }
  | {
      readonly contentOf: (entry: LayerEntry) => FileContent;
      readonly prepare: (paths: readonly string[]) => Promise<void>;
    };

function loaded(id: Digest, index: LayerIndex, contents: Contents): LoadedLayer {
  let view: LayerView | undefined;
  const common = {
    id,
    index,
    get view() {
      view ??= createLayerView(index);
      return view;
    },
  };
  if ('contentOf' in contents) {
    return Object.assign(common, { contentOf: contents.contentOf, prepare: contents.prepare });
  }
  let folder = contents.known;
  return Object.assign(common, {
    contentOf(entry: LayerEntry): FileContent {
      if (folder === undefined) throw fault('INTERNAL', `layer ${id} was read before it was prepared`);
      return { kind: 'layer', layer: folder, path: entry.path };
    },
    async prepare() {
      folder ??= await contents.folder();
    },
  });
}

async function prepareOrigins(paths: readonly string[], origins: ReadonlyMap<string, Origin>): Promise<void> {
  const byTree = new Map<Origin['tree'], string[]>();
  for (const path of paths) {
    const origin = origins.get(path);
    if (origin?.tree.prepare === undefined) continue;
    const list = byTree.get(origin.tree);
    if (list) list.push(origin.path);
    else byTree.set(origin.tree, [origin.path]);
  }
  await allEnded([...byTree].map(async ([tree, list]) => tree.prepare?.(list)));
}

function once<T>(work: () => Promise<T>): () => Promise<T> {
  let promise: Promise<T> | undefined;
  return () => {
    promise ??= work();
    return promise;
  };
}
