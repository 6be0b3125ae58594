import { join } from 'node:path';
import { inputs } from '../inputs/prepare-inputs.ts';
import type { Builder, BuildRequest } from '../peers/builder.ts';
import { pushRedisBases } from './push-base.ts';
import type { Bench, Shape } from './shape.ts';

function requestRedis({ work, registry }: Bench, builder: Builder, tag: string): BuildRequest {
  return {
    context: join(work, inputs.redis, 'app'),
    name: `${tag}/${builder.name}:1`,
    args: { REGISTRY: registry.host },
  };
}

/** The example again, right after it was built and pushed. */
export const redisUnchanged: Shape = {
  name: 'redis-unchanged',
  title: 'the redis example, nothing changed',
  target: 0.2,
  peers: ['buildx'],
  cold: false,
  prepare: pushRedisBases,
  request: (bench, builder) => requestRedis(bench, builder, 'redis'),
};

/** The example from nothing: two bases, the compiler, the box, the push. */
export const redisCold: Shape = {
  name: 'redis-cold',
  title: 'the redis example, cold',
  target: 0.9,
  peers: ['buildx'],
  cold: true,
  pulls: 'base/compiler',
  prepare: pushRedisBases,
  request: (bench, builder, run) => requestRedis(bench, builder, `redis-cold-${run}`),
};
