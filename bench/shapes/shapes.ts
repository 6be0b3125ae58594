import { cacheExports } from './cache-export.ts';
import { cacheChange, cacheUnchanged } from './cached-app.ts';
import { cachedStep } from './cached-step.ts';
import { copyTree } from './copy-tree.ts';
import { oneChange } from './one-change.ts';
import { pullBase } from './pull-base.ts';
import { redisCold, redisUnchanged } from './redis.ts';
import { runSteps } from './run-steps.ts';
import type { Shape } from './shape.ts';
import { variantsChange, variantsCold, variantsUnchanged } from './three-variants.ts';
import { boxesChange, boxesCold, boxesUnchanged } from './twelve-boxes.ts';

/** In the order of the page. */
export const shapes: readonly Shape[] = [
  redisUnchanged,
  copyTree('gzip', 0.45),
  copyTree('zstd', 0.6),
  runSteps,
  oneChange,
  pullBase,
  cachedStep,
  redisCold,
  variantsCold,
  variantsChange,
  variantsUnchanged,
  boxesCold,
  boxesChange,
  boxesUnchanged,
  cacheUnchanged,
  cacheChange,
  ...cacheExports,
];

/** What is measured besides; the boxes beside `docker buildx bake`, the rest of OneBuild alone. */
export const reports = [
  'hundred-boxes',
  'cache-mount',
  'eight-writers',
  'start-up',
  'limits',
  'memory',
  'growth',
] as const;

export const shapeNames: readonly string[] = [...shapes.map(({ name }) => name), ...reports];
