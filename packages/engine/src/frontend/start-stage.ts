import { fault, isFault, type SourceLocation, toFault, withLocation } from '@onebuild/core';
import { expandInstruction, type Stage } from '@onebuild/dockerfile';
import { formatPlatform, type ImageConfig, type Platform, parsePlatform } from '@onebuild/oci';
import { fixedEpoch } from '../build/times.ts';
import type { Node } from '../graph/node.ts';
import { scratchNode } from '../operations/copy-operation.ts';
import { imageNode } from '../operations/image-operation.ts';
import { treeSnapshot } from '../operations/tree-snapshot.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { FrontendServices } from './frontend-services.ts';
import type { SourceImage } from './image-source.ts';
import type { NamedContext, NamedContexts } from './named-contexts.ts';
import { bindHint, similarTarget } from './similar-target.ts';
import type { MutableConfig, StageState } from './stage-state.ts';

const defaultPath = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface StartStageServices extends FrontendServices {
  readonly contexts: NamedContexts;
  /** The finished state of an earlier stage, for the stage `asker`. */
  stageState(index: number, asker: number): Promise<StageState>;
}

/** The name after FROM and its platform, expanded. */
export function expandFrom(
  services: Pick<FrontendServices, 'dockerfile' | 'globals'>,
  stage: Stage,
): { readonly base: string; readonly platform: string | undefined } {
  const { instruction } = expandInstruction(stage.from, services.globals.scope, services.dockerfile);
  return { base: instruction.base, platform: instruction.platform };
}

/** The earlier stage that a name means, seen from the stage `before`; the latest of that name. Names of stages are lower case. */
export function findStage(stages: readonly Stage[], name: string, before: number): Stage | undefined {
  return stages.slice(0, before).findLast((stage) => stage.name === name);
}

function atLocation<T>(location: SourceLocation, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw withLocation(error, location);
  }
}

/** A stage at its FROM line. */
export async function startStage(services: StartStageServices, stage: Stage): Promise<StageState> {
  const location = services.locate(stage.location);
  const { base, platform: written } = expandFrom(services, stage);
  const platform =
    written === undefined || written === ''
      ? services.targetPlatform
      : atLocation(location, () => parsePlatform(written));
  const earlier = findStage(services.dockerfile.stages, base, stage.index);
  const replaced = stage.name !== undefined && services.options.buildContexts[stage.name] !== undefined;
  if (earlier !== undefined && !replaced) {
    const parent = await services.stageState(earlier.index, stage.index);
    services.onStage(stage.index, parent.env);
    return fromStage(parent, stage, location);
  }
  const label = stage.name ?? `stage-${stage.index}`;
  const from = { base: replaced ? label : base, platform, location, label, index: stage.index };
  const named = await findNamed(services, from);
  const own = replaced ? { ...stage, instructions: [] } : stage;
  if (named?.type === 'stage') {
    const state = fromTarget(named.state, own, location);
    services.onStage(stage.index, new Map(state.env));
    return state;
  }
  const start = await startImage(services, named, from);
  const config: MutableConfig = structuredClone(start.config?.config ?? {}) as MutableConfig;
  if (start.config === undefined) {
    config.Env = [defaultPath];
    config.WorkingDir = '/';
  }
  const env = environmentOf(config);
  services.onStage(stage.index, new Map(env));
  return {
    stage: own,
    label,
    platform: start.platform,
    config,
    author: start.config?.author,
    env,
    args: new Map(),
    snapshot: start.snapshot,
    made: 0,
    startTime: startTime(start.config),
    baseHistory: start.config?.history ?? [],
    baseConfig: start.config,
    history: [],
    cmdSet: false,
    location,
  };
}

function environmentOf(config: MutableConfig): Map<string, string> {
  const env = new Map<string, string>();
  for (const line of config.Env ?? []) {
    const equals = line.indexOf('=');
    if (equals > 0) env.set(line.slice(0, equals), line.slice(equals + 1));
  }
  return env;
}

/** What the stage makes is younger than its base, also where the base is as old as reproducible images are. */
function startTime(config: ImageConfig | undefined): number {
  const created = Math.floor(Date.parse(config?.created ?? '') / 1000);
  return Number.isFinite(created) && created > fixedEpoch && created < 2 ** 31 ? created : fixedEpoch;
}

function fromStage(parent: StageState, stage: Stage, location: SourceLocation): StageState {
  const config = structuredClone(parent.config);
  return {
    ...parent,
    stage,
    label: stage.name ?? `stage-${stage.index}`,
    config,
    env: new Map(parent.env),
    args: new Map(parent.args),
    history: [...parent.history],
    cmdSet: false,
    location,
  };
}

/** As from an image: of the other target's ARGs nothing is known here. */
function fromTarget(parent: StageState, stage: Stage, location: SourceLocation): StageState {
  const state = fromStage(parent, stage, location);
  return { ...state, env: environmentOf(state.config), args: new Map() };
}

interface StartImage {
  readonly snapshot: Node<Snapshot>;
  readonly config: ImageConfig | undefined;
  readonly platform: Platform;
}

interface StartJob {
  readonly base: string;
  readonly platform: Platform;
  readonly location: SourceLocation;
  readonly label: string;
  /** Of the stage. */
  readonly index: number;
}

async function findNamed(services: StartStageServices, job: StartJob): Promise<NamedContext | undefined> {
  const { base, platform, location } = job;
  if (base === '') {
    throw fault('DOCKERFILE_STAGE', 'the base name is blank after expansion', { location });
  }
  try {
    return await services.contexts.find(base, platform, job.index);
  } catch (error) {
    throw withLocation(error, location);
  }
}

/** @throws as the lookup does; with a hint where a target of this build may have been meant */
async function findBase(services: StartStageServices, { base, platform }: StartJob): Promise<SourceImage> {
  try {
    return await services.images.find(base, platform, services.options.signal);
  } catch (error) {
    const target = similarTarget(base, services.otherTargets);
    if (target === undefined || isFault(error, 'CANCELED')) throw error;
    const { code, message, hint, details } = toFault(error);
    throw fault(code, message, { hint: `${hint} ${bindHint(base, target)}`, details, cause: error });
  }
}

async function startImage(
  services: StartStageServices,
  named: Exclude<NamedContext, { readonly type: 'stage' }> | undefined,
  job: StartJob,
): Promise<StartImage> {
  const { base, platform, location } = job;
  const { operations } = services;
  try {
    if (named?.type === 'image') {
      const label = { name: `FROM ${base}`, stage: job.label, location };
      return { snapshot: imageNode(operations, named.image, label), config: named.image.config, platform };
    }
    if (named?.type === 'files') {
      const { source } = named;
      const snapshot = operations.graph.node({
        kind: 'files',
        parameters: null,
        inputs: [source.node],
        label: { name: `FROM ${base}`, stage: job.label },
        run: async (context) => {
          const tree = context.result(source.node);
          return treeSnapshot(operations, { tree, path: '', source: source.node.key }, context.signal);
        },
      });
      return { snapshot, config: undefined, platform };
    }
    if (base === 'scratch') return { snapshot: scratchNode(operations), config: undefined, platform };
    const image = await findBase(services, job);
    if (image.config.architecture !== platform.architecture) {
      operations.emit({
        type: 'warning',
        rule: 'InvalidBaseImagePlatform',
        message: `Base image ${base} is for ${image.config.os}/${image.config.architecture}, not for ${formatPlatform(platform)}`,
        location,
      });
    }
    const label = { name: `FROM ${image.name}@${image.digest.slice(0, 19)}`, stage: job.label, location };
    return { snapshot: imageNode(operations, image, label), config: image.config, platform };
  } catch (error) {
    throw withLocation(error, location);
  }
}
