import type { Target } from './model.ts';

/** A target of which only what was written is known. */
export type PartialTarget = Partial<Target> & Pick<Target, 'name' | 'location'>;

/** The target with what is meant where nothing is written. */
export function completeTarget(target: PartialTarget): Target {
  return {
    context: '.',
    dockerfile: undefined,
    contexts: {},
    binds: {},
    stage: undefined,
    args: {},
    platforms: [],
    tags: [],
    labels: {},
    annotations: {},
    outputs: [],
    secrets: [],
    ssh: [],
    cacheFrom: [],
    cacheTo: [],
    noCache: false,
    noCacheFilter: [],
    pull: false,
    ulimits: [],
    extraHosts: {},
    entitlements: [],
    ...target,
  };
}
