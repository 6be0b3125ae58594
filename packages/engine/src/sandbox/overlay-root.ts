import { mkdirSync, symlinkSync } from 'node:fs';
import { fault } from '@onebuild/core';
import type { PrepareRoot } from './prepared-root.ts';

/** The kernel's limit (OVL_MAX_STACK). */
export const maxLayers = 500;

/**
 * Roots that the launcher mounts with overlayfs. Folders are named through short symlinks in the bundle: so no path
 * needs escaping, and hundreds of layers fit into the page that mount(2) takes. `extra` are further mount options.
 */
export function createOverlayRoots(extra: readonly string[]): PrepareRoot {
  return async ({ lowers, upper, work }, { bundle, name }) => {
    if (lowers.length > maxLayers) {
      throw fault(
        'SANDBOX_FAILED',
        `a root of ${lowers.length} layers is more than overlayfs takes (${maxLayers})`,
        {
          hint: 'Join steps of the Dockerfile, or use a base with fewer layers.',
        },
      );
    }
    const link = (target: string, mark: string) => {
      symlinkSync(target, `${bundle}/${name}${mark}`);
      return name + mark;
    };
    mkdirSync(`${bundle}/${name}`);
    const lower = lowers.map((folder, at) => link(folder, String(at)));
    if (lower.length === 0) {
      mkdirSync(`${bundle}/${name}none`);
      lower.push(`${name}none`);
    }
    const options = [
      `lowerdir=${lower.toReversed().join(':')}`,
      `upperdir=${link(upper, 'u')}`,
      `workdir=${link(work, 'w')}`,
      ...extra,
    ];
    return {
      path: `${bundle}/${name}`,
      steps: [{ do: 'overlay', options: options.join(','), at: name }],
      finish: () => Promise.resolve(),
    };
  };
}
