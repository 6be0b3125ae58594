import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pushBusybox } from './push-base.ts';
import type { Shape } from './shape.ts';

/** The least that a build can be: a step that is cached, nothing to push. Start-up is nearly all of it. */
export const cachedStep: Shape = {
  name: 'cached-step',
  title: 'one cached step, not pushed',
  peers: ['buildx', 'buildah'],
  cold: false,
  async prepare(bench) {
    await pushBusybox(bench);
    mkdirSync(join(bench.run, 'cached-step'), { recursive: true });
    writeFileSync(
      join(bench.run, 'cached-step/Dockerfile'),
      `FROM ${bench.registry.host}/base/busybox:1\nRUN echo one > /one\n`,
    );
  },
  request: ({ run: folder }, builder) => ({
    context: join(folder, 'cached-step'),
    name: `cached-step/${builder.name}:1`,
    push: false,
  }),
};
