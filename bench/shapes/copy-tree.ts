import { join } from 'node:path';
import { inputs } from '../inputs/prepare-inputs.ts';
import type { Shape } from './shape.ts';

/** A big tree of files becomes one layer of an image without a base, and is pushed. */
export function copyTree(compression: 'gzip' | 'zstd', target: number): Shape {
  return {
    name: `copy-${compression}`,
    title: `\`FROM scratch\`, \`COPY\` of a tree, push with ${compression}, cold`,
    target,
    peers: ['buildx', 'buildah'],
    cold: true,
    request: ({ work }, builder, run) => ({
      context: join(work, inputs.tree),
      name: `copy-${compression}/${builder.name}-${run}:1`,
      compression,
    }),
  };
}
