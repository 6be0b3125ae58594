import type { Digest } from '@onebuild/core';
import { indexDigest, type LayerEntry, type LayerIndex } from '@onebuild/oci';
import { allEnded } from '../graph/all-ended.ts';
import { once } from '../graph/once.ts';
import { materialize } from '../snapshot/materialize.ts';
import type { FetchBaseOptions } from './fetch-base.ts';
import type { FileContent, FileTree } from '../tree/file-tree.ts';
import type { Origin } from '../tree/tree-editor.ts';
import type { Layer, LoadedLayer } from './layer.ts';
import { findLayerParts, hidesSomething, rememberBase } from './layer-parts.ts';
import { loadedLayer } from './loaded-layer.ts';
import type { PoolFolders } from './pool-folders.ts';
import { publishFolder, publishIndex } from './publish-folder.ts';

export interface AssembledSource extends Pick<LoadedLayer, 'contentOf' | 'prepare'> {
  /** See `Layer.earlier`. */
  readonly earlier: readonly Digest[];
}

export type AssembleOptions = Pick<FetchBaseOptions, 'store' | 'signal' | 'rootless'> & {
  readonly folders: PoolFolders;
};

/** A layer of files from elsewhere; nothing is copied until `directory`. */
export function assembledLayer(
  { id, index }: { readonly id: Digest; readonly index: LayerIndex },
  { contentOf, prepare, earlier }: AssembledSource,
  options: AssembleOptions,
): Layer {
  const { store, folders, signal, rootless } = options;
  /** The folder of a layer of these files, or of some. */
  const part = async (of: LayerIndex, content: typeof contentOf): Promise<string> => {
    const partId = of === index ? id : indexDigest(of);
    const there = folders.listed(partId);
    if (there !== undefined) return there;
    const files = of.entries.filter((entry) => entry.type === 'file');
    await prepare(files.map((entry) => entry.path));
    const folder = await folders.temp();
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
    return [low, folders.at(found.base), high];
  });
  const parts = async (below: () => Promise<FileTree>) => {
    if (folders.stored(id) !== undefined) return undefined;
    const found = await findParts();
    return found === undefined || (await hidesSomething(found.delta, below)) ? undefined : overBase();
  };
  const load = once(async () => loadedLayer(id, index, { contentOf, prepare }));
  return { id, earlier, load, directory, parts };
}

/** Files that come from these places. */
export function originContents(
  origins: ReadonlyMap<string, Origin>,
): Pick<AssembledSource, 'contentOf' | 'prepare'> {
  return {
    contentOf(entry: LayerEntry): FileContent {
      const origin = origins.get(entry.path);
      return origin === undefined ? emptyContent() : origin.tree.content(origin.path);
    },
    async prepare(paths) {
      const byTree = new Map<Origin['tree'], string[]>();
      for (const path of paths) {
        const origin = origins.get(path);
        if (origin?.tree.prepare === undefined) continue;
        const list = byTree.get(origin.tree);
        if (list) list.push(origin.path);
        else byTree.set(origin.tree, [origin.path]);
      }
      await allEnded([...byTree].map(async ([tree, list]) => tree.prepare?.(list)));
    },
  };
}

const emptyContent = (): FileContent => ({ kind: 'bytes', bytes: new Uint8Array() });
