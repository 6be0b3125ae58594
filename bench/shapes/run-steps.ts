import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pushBusybox } from './push-base.ts';
import type { Shape } from './shape.ts';

const steps = Array.from({ length: 20 }, (_, at) => `RUN echo ${at} > /step-${at}`).join('\n');

/** What a step costs when it does next to nothing: a container, a snapshot, a layer. */
export const runSteps: Shape = {
  name: 'run-steps',
  title: 'twenty trivial `RUN` steps, cold',
  target: 0.5,
  peers: ['buildx', 'buildx-host', 'buildah'],
  cold: true,
  pulls: 'base/busybox',
  async prepare(bench) {
    await pushBusybox(bench);
    mkdirSync(join(bench.run, 'run-steps'), { recursive: true });
    writeFileSync(
      join(bench.run, 'run-steps/Dockerfile'),
      `FROM ${bench.registry.host}/base/busybox:1\n${steps}\n`,
    );
  },
  request: ({ run: folder }, builder, run) => ({
    context: join(folder, 'run-steps'),
    name: `run-steps/${builder.name}-${run}:1`,
  }),
};
