import type { HistoryEntry } from '../manifest.ts';
import { consistentHistory } from './consistent-history.ts';
import { createImage, keptManifestFields } from './create-image.ts';
import type { Image, Layer } from './image.ts';

/** Something to put on an image; without `layer` it is history alone, about a change of the config. */
export interface Addition {
  readonly layer?: Layer;
  readonly history?: HistoryEntry;
}

/** The image with more layers on top, and what is told about them at the end of its history. */
export function appendLayers(image: Image, additions: readonly Addition[]): Image {
  return createImage({
    platform: image.platform,
    layers: [...image.layers, ...additions.flatMap(({ layer }) => layer ?? [])],
    manifestFields: () => keptManifestFields(image),
    config: async () => {
      const config = await image.config();
      return { ...config, history: [...consistentHistory(config), ...additions.map(historyOf)] };
    },
  });
}

function historyOf({ layer, history }: Addition): HistoryEntry {
  const { empty_layer: _, ...told } = history ?? {};
  return layer ? told : { ...told, empty_layer: true };
}
