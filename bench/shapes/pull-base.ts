import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputs } from '../inputs/prepare-inputs.ts';
import { pushBase } from './push-base.ts';
import type { Shape } from './shape.ts';

/** A Debian root comes from the registry and is unpacked, because a step wants to run in it. */
export const pullBase: Shape = {
  name: 'pull-base',
  title: 'pull and unpack a base of 170 MB, `RUN true`',
  target: 0.8,
  peers: ['buildx', 'buildah'],
  cold: true,
  pulls: 'base/debian',
  async prepare(bench) {
    await pushBase(bench, 'debian', { context: inputs.debian });
    mkdirSync(join(bench.run, 'pull-base'), { recursive: true });
    writeFileSync(
      join(bench.run, 'pull-base/Dockerfile'),
      `FROM ${bench.registry.host}/base/debian:1\nRUN true\n`,
    );
  },
  request: ({ run: folder }, builder, run) => ({
    context: join(folder, 'pull-base'),
    name: `pull-base/${builder.name}-${run}:1`,
  }),
};
