import { type BuildFact, fault } from '@onebuild/core';
import type { BuildAllOptions, BuildAllResult, SharedOptions } from '../build-options.ts';
import type { CacheCosts } from '../cache/cache-costs.ts';
import { createCacheTrail } from '../cache/cache-trail.ts';
import { openCaches } from '../cache/open-caches.ts';
import { createImageSource } from '../frontend/image-source.ts';
import type { StageState } from '../frontend/stage-state.ts';
import { allEnded } from '../graph/all-ended.ts';
import { Graph, reachable } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import { createBasesAhead } from '../operations/bases-ahead.ts';
import { expectRuns } from '../operations/image-operation.ts';
import type { OperationServices } from '../operations/operation-services.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { createLayerPool } from '../stack/layer-pool.ts';
import type { Store } from '../store/store.ts';
import { createBuildContexts } from './build-contexts.ts';
import type { CacheExports, ExportCachesServices } from './export-caches.ts';
import { createLayerExports, exportEarly, imageExports } from './layer-exports.ts';
import { type OutputJob, outputGroups } from './output-groups.ts';
import { lintTargets, type PreparedTarget, prepareTarget } from './prepare-target.ts';
import { createTravellingMounts } from './travelling-mounts.ts';
import { translateTargets } from './translate-targets.ts';
import { nothingBuilt, writeOutputs } from './write-outputs.ts';

export interface RunServices {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly emit: (fact: BuildFact) => void;
  readonly costs: CacheCosts;
  /** Names of caches that turned out damaged: they are left alone. */
  readonly distrusted: Set<string>;
  /** Told when the graph is there, before anything of it runs. */
  readonly onGraph?: (graph: PreparedGraph) => void;
}

/** Targets as nodes of one graph. */
export interface PreparedGraph {
  readonly targets: readonly PreparedTarget[];
  /** For each target those of its platforms; none with `checkOnly`. */
  readonly states: readonly (readonly StageState[])[];
  readonly operations: OperationServices;
}

/** Opens the contexts, reads the Dockerfiles, looks bases up; nothing runs. */
export async function prepareGraph(options: BuildAllOptions, services: RunServices): Promise<PreparedGraph> {
  const { store, emit, costs, distrusted } = services;
  const { signal } = options;
  checkNames(options);
  const remote = await openCaches(options, { costs, distrusted, signal, emit });
  const graph = new Graph();
  const contexts = createBuildContexts(graph, { store, signal });
  const pool = createLayerPool({
    store,
    rootless: options.rootless,
    signal,
    emit,
    ...(remote && { remoteListing: (diffId) => remote.listing(diffId) }),
  });
  const isWritten = options.targets.some(({ cacheTo = [] }) => cacheTo.length > 0);
  const operations: OperationServices = {
    graph,
    store,
    pool,
    basesAhead: createBasesAhead(pool, signal),
    sandbox: lazySandbox(options, services),
    rootless: options.rootless,
    emit,
    costs,
    ...(remote && { remote }),
    ...(isWritten && { trail: createCacheTrail() }),
    ...((remote !== undefined || isWritten) && {
      mounts: createTravellingMounts({
        store,
        remote,
        costs,
        rootless: options.rootless,
        signal,
        emit,
        clock: options.clock,
        secrets: options.targets.map(({ secrets }) => secrets),
      }),
    }),
  };
  const targets = await allEnded(
    options.targets.map((target) => prepareTarget(options, target, { store, contexts })),
  );
  if (options.checkOnly) {
    lintTargets(targets, emit);
    return { targets, states: [], operations };
  }
  const images = createImageSource({ registry: options.registry, store });
  const states = await translateTargets(targets, { operations, images, contexts });
  lintTargets(targets, emit, (at) => {
    const baseEnvironments = targets[at]?.environments ?? new Map<number, ReadonlyMap<string, string>>();
    return { stages: new Set(baseEnvironments.keys()), baseEnvironments };
  });
  return { targets, states, operations };
}

/** One build from its contexts to its outputs. When it ends, nothing of it goes on. */
export async function runBuild(options: BuildAllOptions, services: RunServices): Promise<BuildAllResult> {
  const { store, scheduler, emit } = services;
  const over = new AbortController();
  const signal = AbortSignal.any([options.signal, over.signal]);
  const graph = await prepareGraph({ ...options, signal }, services);
  services.onGraph?.(graph);
  const { targets, states, operations } = graph;
  if (options.checkOnly) return nothingBuilt(options.targets);
  const ends = [...new Set(states.flat().map((state): Node<unknown> => state.snapshot))];
  const nodes = reachable(ends);
  expectRuns(operations, nodes);
  const planned = [...nodes].filter((node) => node.label.quiet !== true);
  emit({ type: 'build.planned', total: planned.length });
  const jobs = targets
    .map((target, at) => ({ target, states: states[at] ?? [] }))
    .filter(({ target }) => target.options.partOnly !== true);
  const { basesAhead } = operations;
  const exports = createLayerExports({ store, signal, remote: operations.remote });
  const caches = await cacheExports(jobs, {
    options: { ...options, signal },
    operations,
    scheduler,
    exports,
    emit,
  });
  const solved = Promise.all(ends.map((node) => scheduler.solve(node)));
  const early = exportEarly([...imageExports(jobs.flatMap(outputGroups)), ...(caches?.wanted ?? [])], {
    scheduler,
    exports,
    isElsewhere: async ({ id }) => (await operations.remote?.layer(id)) !== undefined,
  });
  const leave = () => {
    basesAhead.leave();
    early.leave();
  };
  try {
    await solved;
    leave();
    const result = await writeOutputs(jobs, { options, store, scheduler, emit, exports });
    await caches?.write();
    return result;
  } finally {
    leave();
    over.abort(fault('CANCELED', 'the build is over'));
    await Promise.all([early.ended, basesAhead.ended()]);
  }
}

/** undefined: the build writes no cache. */
async function cacheExports(
  jobs: readonly OutputJob[],
  services: ExportCachesServices,
): Promise<CacheExports | undefined> {
  if (services.operations.trail === undefined) return undefined;
  const { createCacheExports } = await import('./export-caches.ts');
  return createCacheExports(jobs, services);
}

function checkNames({ targets }: BuildAllOptions): void {
  const names = new Set<string>();
  for (const { name } of targets) {
    if (names.has(name)) throw fault('PROJECT_INVALID', `two targets have the name ${name}`);
    names.add(name);
  }
}

function lazySandbox(options: SharedOptions, { store, emit }: RunServices): () => Promise<Sandbox> {
  let sandbox: Promise<Sandbox> | undefined;
  const choose = async (): Promise<Sandbox> => {
    const { chooseSandbox } = await import('../sandbox/choose-sandbox.ts');
    const chosen = await chooseSandbox({
      prefer: options.sandbox,
      rootless: options.rootless,
      tempDir: store.temp,
    });
    emit({ type: 'sandbox.chosen', isolation: chosen.isolation });
    return chosen;
  };
  return () => {
    sandbox ??= choose();
    return sandbox;
  };
}
