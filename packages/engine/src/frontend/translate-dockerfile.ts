import { fault, type SourceLocation, suggest, toFault, withLocation } from '@onebuild/core';
import type { Stage } from '@onebuild/dockerfile';
import { scratchNode } from '../operations/copy-operation.ts';
import type { FileSource } from '../operations/file-source.ts';
import { imageNode } from '../operations/image-operation.ts';
import type { FrontendServices } from './frontend-services.ts';
import type { SourceImage } from './image-source.ts';
import type { NamedContexts } from './named-contexts.ts';
import { bindHint, similarTarget } from './similar-target.ts';
import type { RemoteRequest, RemoteSource } from './source-resolver.ts';
import type { StageState } from './stage-state.ts';
import { findStage, type StartStageServices, startStage } from './start-stage.ts';
import { translateStage } from './translate-stage.ts';

export interface TranslateServices extends Omit<FrontendServices, 'sources'> {
  readonly contexts: NamedContexts;
  readonly mainContext: () => Promise<FileSource>;
  readonly remote: (request: RemoteRequest) => Promise<RemoteSource>;
  /** Told before a stage waits for another one of the Dockerfile. */
  onWait(asker: number, asked: number): void;
}

/** Reads stages of one Dockerfile for one platform, each once, and only those that are asked for and what they need. */
export interface StageReader {
  /** The stage of that name; undefined: the one that the target builds. @throws DOCKERFILE_STAGE */
  stage(name: string | undefined): Stage;
  /** Its nodes of the graph; nothing runs. */
  state(index: number): Promise<StageState>;
}

export function createStageReader(services: TranslateServices): StageReader {
  const { dockerfile, contexts } = services;
  const states = new Map<number, Promise<StageState>>();

  const all: StartStageServices = {
    ...services,
    stageState,
    sources: { context: services.mainContext, from, remote: services.remote },
  };

  function stageState(index: number, asker: number): Promise<StageState> {
    services.onWait(asker, index);
    return readOnce(index);
  }

  function readOnce(index: number): Promise<StageState> {
    let state = states.get(index);
    if (state === undefined) {
      state = readStage(dockerfile.stages[index] as Stage);
      states.set(index, state);
    }
    return state;
  }

  async function readStage(stage: Stage): Promise<StageState> {
    // a long chain of stages must not become a deep stack
    await Promise.resolve();
    const state = await startStage(all, stage);
    await translateStage(all, state);
    return state;
  }

  async function from(name: string, state: StageState, location: SourceLocation): Promise<FileSource> {
    const { index } = state.stage;
    const named = await contexts.find(name, state.platform, index);
    if (named?.type === 'files') return named.source;
    if (named?.type === 'stage')
      return { type: 'snapshot', node: named.state.snapshot, name: `target ${named.target}` };
    const stage = findSource(dockerfile.stages, name, { stage: state.stage, location });
    if (stage !== undefined) {
      const { snapshot, label } = await stageState(stage.index, index);
      return { type: 'snapshot', node: snapshot, name: `stage ${label}` };
    }
    if (name === 'scratch' && named === undefined)
      return { type: 'snapshot', node: scratchNode(services.operations), name: 'scratch' };
    const image =
      named?.type === 'image' ? named.image : await findImage(services, { name, state, location });
    const node = imageNode(services.operations, image, { name: `image ${image.name}`, quiet: true });
    return { type: 'snapshot', node, name: `image ${name}` };
  }

  return { stage: (name = services.options.target) => findTarget(services, name), state: readOnce };
}

/** The image of `--from`; when there is none, the name may have been meant for a stage. */
async function findImage(
  services: TranslateServices,
  {
    name,
    state,
    location,
  }: { readonly name: string; readonly state: StageState; readonly location: SourceLocation },
): Promise<SourceImage> {
  try {
    return await services.images.find(name, state.platform, services.options.signal);
  } catch (error) {
    const { stages } = services.dockerfile;
    const names = stages.flatMap((stage) => (stage.name === undefined ? [] : [stage.name]));
    const close = suggest(name, names);
    const known = toFault(error);
    const { code, message, details } = known;
    const target = close === undefined ? similarTarget(name, services.otherTargets) : undefined;
    if (target !== undefined && code !== 'CANCELED')
      throw fault(code, message, {
        location,
        hint: `${known.hint} ${bindHint(name, target)}`,
        details,
        cause: error,
      });
    if (close === undefined && /[/.:]/.test(name)) throw withLocation(error, location);
    throw fault(known.code, `there is no stage ${name}, and no image of that name: ${known.message}`, {
      location,
      hint:
        close === undefined ? `Stages with a name: ${names.join(', ') || 'none'}.` : `Did you mean ${close}?`,
      details: known.details,
      cause: error,
    });
  }
}

function findTarget(services: TranslateServices, target: string | undefined): Stage {
  const { stages } = services.dockerfile;
  const last = stages.at(-1);
  if (last === undefined) throw fault('DOCKERFILE_STAGE', `${services.dockerfile.name} has no stage`);
  if (target === undefined || target === '') return last;
  const found = findStage(stages, target.toLowerCase(), stages.length);
  if (found !== undefined) return found;
  const names = stages.flatMap((stage) => (stage.name === undefined ? [] : [stage.name]));
  const close = suggest(target, names);
  throw fault('DOCKERFILE_STAGE', `there is no stage ${JSON.stringify(target)} to be the target`, {
    hint:
      close === undefined ? `Stages with a name: ${names.join(', ') || 'none'}.` : `Did you mean ${close}?`,
  });
}

/** The stage that `--from` means; undefined when it is an image. */
function findSource(
  stages: readonly Stage[],
  name: string,
  at: { readonly stage: Stage; readonly location: SourceLocation },
): Stage | undefined {
  const { location } = at;
  const lower = name.toLowerCase();
  const found = /^\d+$/.test(name)
    ? stages[Number(name)]
    : (findStage(stages, lower, at.stage.index) ?? findStage(stages, lower, stages.length));
  if (found === undefined || found.index < at.stage.index) return found;
  const own = at.stage.name ?? `stage-${at.stage.index}`;
  if (found.index === at.stage.index) {
    throw fault('DOCKERFILE_STAGE', `stage ${own} takes files from itself`, {
      location,
      hint: 'Name another stage after --from.',
    });
  }
  throw fault('DOCKERFILE_STAGE', `stage ${name} is defined after ${own}, which takes files from it`, {
    location,
    hint: `Move stage ${name} before ${own}.`,
  });
}
