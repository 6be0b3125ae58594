import { type BuildFact, registerSecret } from '@onebuild/core';
import { locate, parseDockerfile } from '@onebuild/dockerfile';
import { hostPlatform, type Platform } from '@onebuild/oci';
import type { BuildOptions, BuildResult } from '../build-options.ts';
import { evaluateGlobalArgs } from '../frontend/global-args.ts';
import { createImageSource } from '../frontend/image-source.ts';
import { createNamedContexts } from '../frontend/named-contexts.ts';
import { proxyArgs } from '../frontend/platform-args.ts';
import type { StageState } from '../frontend/stage-state.ts';
import { translateDockerfile } from '../frontend/translate-dockerfile.ts';
import { Graph, reachable } from '../graph/graph.ts';
import type { Node } from '../graph/node.ts';
import type { Scheduler } from '../graph/scheduler.ts';
import type { FileSource } from '../operations/file-source.ts';
import { expectRuns } from '../operations/image-operation.ts';
import type { OperationServices } from '../operations/operation-services.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { createLayerPool } from '../stack/layer-pool.ts';
import type { Store } from '../store/store.ts';
import type { FileTree } from '../tree/file-tree.ts';
import { lintBuild } from './lint-build.ts';
import { contextTree, ignoreFile, openContext, readDockerfile } from './open-context.ts';
import { remoteSource } from './remote-sources.ts';
import { buildTimes, fixedEpoch } from './times.ts';
import { writeOutputs } from './write-outputs.ts';

export interface RunServices {
  readonly store: Store;
  readonly scheduler: Scheduler;
  readonly emit: (fact: BuildFact) => void;
}

/** One build from its context to its outputs. */
export async function runBuild(options: BuildOptions, services: RunServices): Promise<BuildResult> {
  const { store, scheduler, emit } = services;
  const { signal } = options;
  emit({ type: 'build.started', version: options.version });
  const outside = { store, signal, proxy: options.proxy, sshAgent: options.ssh['default'] };
  const folder = await openContext(options.context, outside);
  const commitTime = folder.commitTime ?? (await commitTimeOf(options, folder.path));
  const times = buildTimes(options.times, { commitTime, now: Math.floor(options.clock() / 1000) });
  const file = readDockerfile(folder, options);
  const dockerfile = parseDockerfile(file.text, { name: file.name });
  const lint = { dockerfile, file, options, emit };
  if (options.checkOnly) {
    lintBuild(lint);
    return { images: [], metadata: {}, imageId: undefined };
  }

  const graph = new Graph();
  const pool = createLayerPool({ store, rootless: options.rootless, signal, emit });
  const operations: OperationServices = {
    graph,
    store,
    pool,
    sandbox: lazySandbox(options, services),
    rootless: options.rootless,
    emit,
  };
  const images = createImageSource({ registry: options.registry, store });
  const treeNode = (name: string, tree: FileTree): FileSource & { type: 'tree' } => ({
    type: 'tree',
    name: name === '' ? 'the build context' : `context ${name}`,
    node: graph.node({
      kind: 'context',
      parameters: { name },
      inputs: [],
      label: { name: `context ${name}`, quiet: true },
      run: async () => tree,
    }),
  });
  const main = treeNode('', contextTree(folder, file.ignore, { store, signal }));
  const contexts = createNamedContexts({
    contexts: options.buildContexts,
    images,
    signal,
    async openFiles(name, source) {
      const opened = await openContext(source, outside);
      const ignore = source.type === 'folder' ? ignoreFile(opened.path, undefined) : undefined;
      return treeNode(name, contextTree(opened, ignore, { store, signal }));
    },
  });
  const given = new Map(Object.entries(options.buildArgs));
  const proxy: Record<string, string> = { ...options.proxy };
  for (const name of proxyArgs) {
    const value = given.get(name);
    if (value !== undefined) proxy[name] = value;
  }
  registerProxyPasswords(proxy);

  const buildPlatform = hostPlatform(process.arch);
  const platforms = options.platforms.length > 0 ? options.platforms : [buildPlatform];
  const baseEnvironments = new Map<number, ReadonlyMap<string, string>>();
  const translate = (targetPlatform: Platform) =>
    translateDockerfile({
      options,
      dockerfile,
      operations,
      images,
      contexts,
      buildPlatform,
      targetPlatform,
      globals: evaluateGlobalArgs(dockerfile, {
        given,
        buildPlatform,
        targetPlatform,
        target: options.target,
        sourceDateEpoch: times.created,
      }),
      proxy,
      mainContext: async () => main,
      remote: async (request) => remoteSource({ graph, store, options }, request),
      locate: (location) => locate(dockerfile, location),
      insideTime: (state) =>
        times.preserve ? undefined : Math.max(state.startTime, fixedEpoch) + state.made,
      isUncached: (state) => isUncached(options, state),
      onStage: (index, environment) => void baseEnvironments.set(index, environment),
    });
  const states = await Promise.all(platforms.map(translate));
  lintBuild(lint, { stages: new Set(baseEnvironments.keys()), baseEnvironments });
  const targets = states.map((state): Node<unknown> => state.snapshot);
  const nodes = reachable(targets);
  expectRuns(operations, nodes);
  const planned = [...nodes].filter((node) => node.label.quiet !== true);
  emit({ type: 'build.planned', total: planned.length });
  await Promise.all(targets.map((node) => scheduler.solve(node)));
  return writeOutputs(options, { store, scheduler, emit, times, states });
}

/** Steps may print them. */
function registerProxyPasswords(proxy: Readonly<Record<string, string>>): void {
  for (const value of Object.values(proxy)) {
    const password = URL.canParse(value) ? new URL(value).password : '';
    registerSecret(password);
    registerSecret(/:\/\/[^/@]*?:([^/@]*)@/.exec(value)?.[1] ?? '');
  }
}

function isUncached(options: BuildOptions, state: StageState): boolean {
  const { noCache } = options;
  if (typeof noCache === 'boolean') return noCache;
  return state.stage.name !== undefined && noCache.stages.includes(state.stage.name);
}

async function commitTimeOf(options: BuildOptions, path: string | undefined): Promise<number | undefined> {
  if (path === undefined || typeof options.times === 'number' || options.context.type !== 'folder')
    return undefined;
  const { commitTime } = await import('../source/commit-time.ts');
  return commitTime(path);
}

function lazySandbox(options: BuildOptions, { store, emit }: RunServices): () => Promise<Sandbox> {
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
