import { locate } from '@onebuild/dockerfile';
import { formatPlatform, type Platform } from '@onebuild/oci';
import { evaluateGlobalArgs } from '../frontend/global-args.ts';
import type { ImageSource } from '../frontend/image-source.ts';
import { createNamedContexts } from '../frontend/named-contexts.ts';
import type { StageState } from '../frontend/stage-state.ts';
import { type BoundTarget, createTargetStages, type TargetStages } from '../frontend/target-stages.ts';
import { createStageReader, type StageReader } from '../frontend/translate-dockerfile.ts';
import { canonicalText } from '../graph/canonical-text.ts';
import type { OperationServices } from '../operations/operation-services.ts';
import type { BuildContexts } from './build-contexts.ts';
import { ignoreFile } from './open-context.ts';
import { buildPlatform, type PreparedTarget } from './prepare-target.ts';
import { remoteSource } from './remote-sources.ts';
import { isUncached } from './is-uncached.ts';
import { fixedEpoch } from './times.ts';

export interface TranslateTargetsServices {
  readonly operations: OperationServices;
  readonly images: ImageSource;
  readonly contexts: BuildContexts;
}

/**
 * Turns targets into nodes of one graph; nothing runs.
 * @returns for each target the states of its platforms, in order; none of those that are only parts of others
 */
export function translateTargets(
  targets: readonly PreparedTarget[],
  services: TranslateTargetsServices,
): Promise<readonly (readonly StageState[])[]> {
  const bound = new Map<string, BoundTarget & { readonly prepared: PreparedTarget }>();
  const stages = createTargetStages(bound);
  for (const prepared of targets) {
    const reader = targetReaders(targets, prepared, { ...services, stages });
    const { name, platforms, options } = prepared;
    bound.set(name, { name, platforms, labels: options.labels, reader, prepared });
  }
  return Promise.all(
    [...bound.values()].map(({ platforms, reader, prepared }) =>
      Promise.all(
        (prepared.options.partOnly === true ? [] : platforms).map(async (platform) => {
          const stage = reader(platform);
          return stage.state(stage.stage(undefined).index);
        }),
      ),
    ),
  );
}

/** Makes the reader of the target's Dockerfile for a platform, once for each. */
function targetReaders(
  targets: readonly PreparedTarget[],
  prepared: PreparedTarget,
  services: TranslateTargetsServices & { readonly stages: TargetStages },
): (platform: Platform) => StageReader {
  const { operations, images, contexts, stages } = services;
  const { name, options, dockerfile, times, given } = prepared;
  const { graph, store } = operations;
  const { signal } = options;
  const main = contexts.files('', prepared.folder, prepared.file.ignore);
  const taken = new Set<string>();
  const readers = new Map<string, StageReader>();

  function make(targetPlatform: Platform, platform: string): StageReader {
    const place = (index: number) => ({ target: name, platform, index });
    const named = createNamedContexts({
      contexts: options.buildContexts,
      images,
      signal,
      async openFiles(context, source) {
        const opened = await contexts.open(source, prepared.outside);
        const ignore = source.type === 'folder' ? ignoreFile(opened.path, undefined) : undefined;
        return contexts.files(context, opened, ignore);
      },
      openTarget: (source, wanted, asker) => stages.find(source, place(asker), wanted),
    });
    return createStageReader({
      options,
      targetName: targets.length > 1 ? name : undefined,
      origin: originOf(prepared),
      otherTargets: targets
        .filter((other) => other !== prepared)
        .map((other) => ({ name: other.name, tags: other.options.tags })),
      dockerfile,
      operations,
      images,
      contexts: named,
      taken,
      buildPlatform,
      targetPlatform,
      globals: evaluateGlobalArgs(dockerfile, {
        given,
        buildPlatform,
        targetPlatform,
        target: options.target,
        sourceDateEpoch: times.created,
      }),
      proxy: prepared.proxy,
      mainContext: async () => main,
      remote: async (request) => remoteSource({ graph, store, options }, request),
      locate: (location) => locate(dockerfile, location),
      insideTime: (state) =>
        times.preserve ? undefined : Math.max(state.startTime, fixedEpoch) + state.made,
      isUncached: (state, name) => isUncached(options.noCache, { stage: state.stage.name, name }),
      onStage: (index, environment) => void prepared.environments.set(index, environment),
      onWait: (asker, asked) => stages.waits(place(asker), place(asked)),
    });
  }

  return (platform) => {
    const key = formatPlatform(platform);
    const reader = readers.get(key) ?? make(platform, key);
    readers.set(key, reader);
    return reader;
  };
}

function originOf({ options: { context, origin } }: PreparedTarget): string {
  if (origin !== undefined) return origin;
  if (context.type === 'folder') return context.path;
  return context.type === 'stream' ? context.name : canonicalText(context);
}
