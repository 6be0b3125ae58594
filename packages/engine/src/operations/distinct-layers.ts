import type { Layer, Snapshot } from '../stack/layer.ts';

/**
 * The layers to mount, bottom first. One that is there more than once (images hold the same empty layer again and again) stays at its
 * topmost place alone: all that it says is said there, and overlayfs refuses a folder that stands in its list twice.
 */
export function distinctLayers({ layers }: Snapshot): readonly Layer[] {
  const topmost = new Map(layers.map((layer, at) => [layer.id, at]));
  return layers.filter((layer, at) => topmost.get(layer.id) === at);
}
