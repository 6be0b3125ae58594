import { fault } from '@onebuild/core';
import type { HistoryEntry, ImageConfig } from '../manifest.ts';
import { formatPlatform, samePlatform } from '../platform.ts';
import { consistentHistory } from './consistent-history.ts';
import { createImage, keptManifestFields } from './create-image.ts';
import type { Image } from './image.ts';

/** Whether the lower layers of `image` are those of `base`. */
export function standsOn(image: Image, base: Image): boolean {
  return (
    base.layers.length <= image.layers.length &&
    base.layers.every(({ diffId }, at) => diffId === image.layers[at]?.diffId)
  );
}

/**
 * The image with the layers of `newBase` where those of `oldBase` were, without running anything again. What it is run
 * with (environment, command, ...) stays as it is, also what it once got from the old base.
 * @throws REBASE_MISMATCH when it doesn't stand on `oldBase`, or `newBase` is of another platform
 */
export function rebase(image: Image, oldBase: Image, newBase: Image): Image {
  if (!standsOn(image, oldBase)) {
    throw fault('REBASE_MISMATCH', 'the lower layers of the image are not those of the old base');
  }
  if (!samePlatform(image.platform, newBase.platform)) {
    const [ours, theirs] = [formatPlatform(image.platform), formatPlatform(newBase.platform)];
    throw fault('REBASE_MISMATCH', `the image is for ${ours}, the new base for ${theirs}`);
  }
  const lower = oldBase.layers.length;
  return createImage({
    platform: newBase.platform,
    layers: [...newBase.layers, ...image.layers.slice(lower)],
    manifestFields: () => keptManifestFields(image),
    config: async () => {
      const [config, old, fresh] = await Promise.all([image.config(), oldBase.config(), newBase.config()]);
      const own = ownHistory(config, old, lower);
      return { ...config, ...platformFields(fresh), history: [...consistentHistory(fresh), ...own] };
    },
  });
}

/**
 * The part of the history that is not the base's: behind the base's own entries where it starts with them, else behind
 * the entry of its last layer.
 */
function ownHistory(config: ImageConfig, base: ImageConfig, layers: number): readonly HistoryEntry[] {
  const history = consistentHistory(config);
  const theirs = consistentHistory(base);
  const told = (entry: HistoryEntry | undefined) => JSON.stringify([entry?.created_by, !entry?.empty_layer]);
  if (theirs.every((entry, at) => told(entry) === told(history[at]))) return history.slice(theirs.length);
  let left = layers;
  return history.filter((entry) => {
    if (left === 0) return true;
    if (!entry.empty_layer) left--;
    return false;
  });
}

function platformFields(config: ImageConfig) {
  const { os, architecture, variant } = config;
  return {
    os,
    architecture,
    variant,
    'os.version': config['os.version'],
    'os.features': config['os.features'],
  };
}
