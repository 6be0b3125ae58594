import { cachedStep } from './cached-step.ts';
import { copyTree } from './copy-tree.ts';
import { oneChange } from './one-change.ts';
import { pullBase } from './pull-base.ts';
import { redisCold, redisUnchanged } from './redis.ts';
import { runSteps } from './run-steps.ts';
import type { Shape } from './shape.ts';

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
];

/** What is measured of OneBuild alone. */
export const reports = ['start-up', 'limits', 'memory', 'growth'] as const;

export const shapeNames: readonly string[] = [...shapes.map(({ name }) => name), ...reports];
