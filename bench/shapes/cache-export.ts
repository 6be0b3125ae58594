import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Builder, BuildRequest } from '../peers/builder.ts';
import { pushBusybox } from './push-base.ts';
import type { Bench, Shape } from './shape.ts';

/** 60 MB, of which half do not compress and half do. */
const steps = [1, 2, 3]
  .map(
    (at) => `RUN head -c 30000000 /dev/urandom >/data-${at} && yes "${at}" | head -c 30000000 >>/data-${at}`,
  )
  .join('\n');

const kinds = {
  'cache-export': {
    title: 'what `--cache-to mode=max` adds to a build of three layers of 60 MB',
    target: 0.3,
    file: (base: string) => `FROM ${base}\n${steps}\n`,
  },
  'cache-export-stage': {
    title: 'the same, where the layers are in a stage and not in the image',
    file: (base: string) =>
      `FROM ${base} AS maker\n${steps}\nFROM ${base}\nCOPY --from=maker /bin/busybox /copy\nRUN --mount=from=maker,target=/maker wc -c /maker/data-1 >/size\n`,
  },
} as const;

/** The difference of two cold builds, which push to new repositories: with a cache beside the image, and without. */
function cacheExportOf(name: keyof typeof kinds): Shape {
  const { file, ...kind } = kinds[name];
  const plain = ({ run: folder }: Bench, builder: Builder, run: number): BuildRequest => ({
    context: join(folder, name),
    name: `${name}/${builder.name}-plain-${run}:1`,
    pushOnly: true,
  });
  return {
    ...kind,
    name,
    peers: ['buildx'],
    cold: true,
    pulls: 'base/busybox',
    async prepare(bench) {
      await pushBusybox(bench);
      mkdirSync(join(bench.run, name), { recursive: true });
      writeFileSync(join(bench.run, name, 'Dockerfile'), file(`${bench.registry.host}/base/busybox:1`));
    },
    plain,
    request: (bench, builder, run) => ({
      ...plain(bench, builder, run),
      name: `${name}/${builder.name}-${run}:1`,
      cacheTo: `${name}/${builder.name}-${run}:cache`,
    }),
  };
}

export const cacheExport = cacheExportOf('cache-export');
export const cacheExportStage = cacheExportOf('cache-export-stage');
