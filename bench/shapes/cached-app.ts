import { join } from 'node:path';
import type { Builder, BuildRequest } from '../peers/builder.ts';
import { pushBase } from './push-base.ts';
import { inputs } from '../inputs/prepare-inputs.ts';
import type { Bench, Shape } from './shape.ts';
import { changeApp, writeApp } from './three-variants.ts';

const filled = new Set<string>();

/** One of the three boxes, whose cache lies beside its image: what a worker that was just started finds. */
function requestApp({ run, registry }: Bench, builder: Builder): BuildRequest {
  return {
    context: join(run, 'cached-app'),
    name: `cached-app/${builder.name}:1`,
    args: { REGISTRY: registry.host },
    pushOnly: true,
    cacheFrom: `cached-app/${builder.name}:cache`,
  };
}

const fresh = {
  peers: ['buildx'],
  cold: true,
  // Whoever knows the config of a base does not ask for it again.
  pulls: 'base/debian',
  async prepare(bench: Bench): Promise<void> {
    for (const name of ['debian', 'gcc'] as const) await pushBase(bench, name, { context: inputs[name] });
    writeApp(join(bench.run, 'cached-app'));
  },
  /** Builds it once from nothing, and keeps the results of all steps; all shapes here read the same cache. */
  async fill(bench: Bench, builder: Builder): Promise<void> {
    if (filled.has(builder.name)) return;
    const { cacheFrom, ...request } = requestApp(bench, builder);
    await builder.build({ ...request, ...(cacheFrom !== undefined && { cacheTo: cacheFrom }) });
    filled.add(builder.name);
  },
  request: requestApp,
};

/** The image that the cache came from, once more, by a builder that knows nothing but the cache. */
export const cacheUnchanged: Shape = {
  ...fresh,
  name: 'cache-unchanged',
  title: 'fresh worker with a registry cache, nothing changed',
  target: 0.5,
  spares: 'base/gcc',
  before: ({ run }) => changeApp(join(run, 'cached-app'), '1'),
};

/** The program is another one: the compiler runs, and what comes after it. */
export const cacheChange: Shape = {
  ...fresh,
  name: 'cache-change',
  title: 'fresh worker with a registry cache, a source changed',
  target: 0.8,
  before: ({ run: folder }, run) => changeApp(join(folder, 'cached-app'), `${run} ${Date.now()}`),
};
