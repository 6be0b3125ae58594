import { type Digest, fault } from '@onebuild/core';
import type { LayerEntry, LayerIndex } from '@onebuild/oci';
import type { FileContent } from '../tree/file-tree.ts';
import { createLayerView, type LayerView } from '../tree/layer-view.ts';
import type { LoadedLayer } from './layer.ts';

/** Where a layer's bytes are: in a folder that may have to be unpacked first, or wherever `contentOf` says. */
export type LayerContents =
  | { readonly folder: () => Promise<string>; readonly known?: string }
  | {
      readonly contentOf: (entry: LayerEntry) => FileContent;
      readonly prepare: (paths: readonly string[]) => Promise<void>;
    };

export function loadedLayer(id: Digest, index: LayerIndex, contents: LayerContents): LoadedLayer {
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
