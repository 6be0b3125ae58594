import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputs } from '../inputs/prepare-inputs.ts';
import { pushBusybox } from './push-base.ts';
import type { Shape } from './shape.ts';

/** One file of a context of 20,000 is new; the layer of the COPY and the step after it are made again. */
export const oneChange: Shape = {
  name: 'one-change',
  title: 'one changed file in a context of 20,000, `COPY`, `RUN true`',
  target: 0.4,
  peers: ['buildx', 'buildah'],
  cold: false,
  prepare: pushBusybox,
  before({ work }, run) {
    const now = `// ${run} ${Date.now()}\n`;
    writeFileSync(join(work, inputs.sources, 'src/part-77/file-7700.ts'), now);
  },
  request: ({ work, registry }, builder) => ({
    context: join(work, inputs.sources),
    name: `one-change/${builder.name}:1`,
    args: { REGISTRY: registry.host },
  }),
};
