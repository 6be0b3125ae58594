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

interface Kind {
  readonly name: string;
  readonly title: string;
  readonly file: (base: string) => string;
  /** The repository of the cache, by that of the image. */
  readonly cacheOf: (image: string) => string;
}

const ofImage = (base: string) => `FROM ${base}\n${steps}\n`;
const ofStage = (base: string) => `FROM ${base} AS maker\n${steps}\nFROM ${base}
RUN --mount=from=maker,target=/maker wc -c /maker/data-* >/sizes\n`;

/** What a cold build takes longer with an export to a cache that is not there yet. */
function cacheExportOf({ name, title, file, cacheOf }: Kind): Shape {
  const imageOf = (builder: Builder, run: number) => `${name}/${builder.name}-${run}`;
  const requestImage = ({ run: folder }: Bench, image: string): BuildRequest => ({
    context: join(folder, name),
    name: `${image}:1`,
    pushOnly: true,
  });
  return {
    name,
    title,
    target: 0.3,
    peers: ['buildx'],
    cold: true,
    pulls: 'base/busybox',
    async prepare(bench) {
      await pushBusybox(bench);
      mkdirSync(join(bench.run, name), { recursive: true });
      writeFileSync(join(bench.run, name, 'Dockerfile'), file(`${bench.registry.host}/base/busybox:1`));
    },
    plain: (bench, builder, run) => requestImage(bench, `${imageOf(builder, run)}-plain`),
    request: (bench, builder, run) => ({
      ...requestImage(bench, imageOf(builder, run)),
      cacheTo: `${cacheOf(imageOf(builder, run))}:cache`,
    }),
  };
}

export const cacheExports: readonly Shape[] = [
  cacheExportOf({
    name: 'cache-export',
    title: 'what `--cache-to mode=max` adds: three layers of 60 MB, cache in another repository',
    file: ofImage,
    cacheOf: (image) => `${image}-cache`,
  }),
  cacheExportOf({
    name: 'cache-export-stage',
    title: 'what `--cache-to mode=max` adds: three layers of 60 MB that no image has',
    file: ofStage,
    cacheOf: (image) => image,
  }),
];
