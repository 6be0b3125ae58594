import { redact } from '@onebuild/core';
import { formatPlatform } from '@onebuild/oci';
import type { BuildAllOptions } from '../build-options.ts';
import { createCacheCosts } from '../cache/cache-costs.ts';
import { inputsFirst, reachable } from '../graph/graph.ts';
import type { Node, StepContext } from '../graph/node.ts';
import { createScheduler } from '../graph/scheduler.ts';
import { lastDuration } from '../operations/step-record.ts';
import { openStore } from '../store/store.ts';
import { redactFact } from './redact-fact.ts';
import { prepareGraph } from './run-build.ts';

/** What a build would do, without doing it. */
export interface BuildPlan {
  /** The images that come out, in the order of targets and their platforms. */
  readonly boxes: readonly PlannedBox[];
  /** Each after those that it stands on. */
  readonly steps: readonly PlannedStep[];
}

/** A target for one platform. */
export interface PlannedBox {
  readonly target: string;
  readonly platform: string;
  /** Id of its last step. */
  readonly step: number;
}

export interface PlannedStep {
  /** Its index in the plan. */
  readonly id: number;
  /** `exec`, `copy`, `folder`, `image`, `context`, ... */
  readonly kind: string;
  readonly name: string;
  readonly stage?: string;
  readonly platform?: string;
  readonly file?: string;
  readonly line?: number;
  /** Names of all targets that stand on it. */
  readonly targets: readonly string[];
  /** Indices of all boxes that stand on it: more than one, and it is shared. */
  readonly boxes: readonly number[];
  /** Ids of the steps that it stands on; of one that adds a layer, the first is what it is put onto. */
  readonly inputs: readonly number[];
  /** Not a step that a Dockerfile names. */
  readonly quiet: boolean;
  /** `cached`: its result is there. `run`: it has work. `open`: that shows when what it stands on has run. */
  readonly status: 'cached' | 'run' | 'open';
  readonly why?: string;
  /** Milliseconds that it took when it ran last, where it is to run and that is known. */
  readonly ms?: number;
}

/** Kinds whose nodes only look: running them is foreseeing them. */
const looking = new Set(['image', 'context', 'files', 'scratch', 'inline']);

/**
 * Reads contexts and Dockerfiles, looks bases up and files over, and says which steps would run and why. Runs no step, fetches no layer
 * for its own sake, writes no output. Warnings are told through `options.emit`.
 * @throws as a build before its first step
 */
export async function plan(options: BuildAllOptions): Promise<BuildPlan> {
  const emit: Parameters<typeof prepareGraph>[1]['emit'] = (fact) => {
    if (fact.type === 'warning') options.emit({ ...redactFact(fact), time: options.clock() });
  };
  const { clock, jobs, signal } = options;
  const store = await openStore(options.home, clock);
  try {
    const scheduler = createScheduler({ jobs, clock, emit, signal });
    const { targets, states, operations } = await prepareGraph(options, {
      store,
      scheduler,
      emit,
      costs: createCacheCosts(),
      distrusted: new Set(),
    });
    const ends = states.flatMap((own, at): readonly End[] =>
      own.map(({ snapshot, platform }) => ({
        node: snapshot,
        target: targets[at]?.name ?? '',
        platform: formatPlatform(platform),
      })),
    );
    const duration = (node: Node<unknown>) => lastDuration(operations, node.label);
    return await foresee(ends, { duration, signal });
  } finally {
    await store.close();
  }
}

interface End {
  readonly node: Node<unknown>;
  readonly target: string;
  readonly platform: string;
}

interface Foresight {
  readonly duration: (node: Node<unknown>) => number | undefined;
  readonly signal: AbortSignal;
}

async function foresee(ends: readonly End[], { duration, signal }: Foresight): Promise<BuildPlan> {
  const values = new Map<Node<unknown>, unknown>();
  const ids = new Map<Node<unknown>, number>();
  const users = usersOf(ends);
  const steps: PlannedStep[] = [];
  const context: StepContext = {
    signal,
    result: <T>(node: Node<T>) => values.get(node) as T,
    output: () => {},
    progress: () => {},
    finished: () => {},
    waits: () => {},
  };
  const order = new Set(ends.flatMap(({ node }) => inputsFirst(node, (one) => ids.has(one))));
  for (const node of order) {
    signal.throwIfAborted();
    ids.set(node, steps.length);
    const isKnown = node.inputs.every((input) => values.has(input));
    const why = isKnown ? await workOf(node, context) : undefined;
    if (isKnown && why === undefined) values.set(node, await node.run(context));
    const status = !isKnown ? 'open' : why === undefined ? 'cached' : 'run';
    const ms = status === 'cached' ? undefined : duration(node);
    const boxes = users.get(node) ?? [];
    steps.push({
      id: steps.length,
      kind: node.kind,
      ...describe(node),
      targets: [...new Set(boxes.flatMap((box) => ends[box]?.target ?? []))],
      boxes,
      inputs: node.inputs.flatMap((input) => ids.get(input) ?? []),
      status,
      ...(why !== undefined && { why: redact(why) }),
      ...(ms !== undefined && { ms }),
    });
  }
  const boxes = ends.map(({ node, target, platform }) => ({ target, platform, step: ids.get(node) ?? 0 }));
  return { boxes, steps };
}

function describe({
  label,
}: Node<unknown>): Pick<PlannedStep, 'name' | 'stage' | 'platform' | 'file' | 'line' | 'quiet'> {
  const { name, stage, platform, location, quiet = false } = label;
  return {
    name: redact(name),
    ...(stage !== undefined && { stage }),
    ...(platform !== undefined && { platform }),
    ...(location !== undefined && { file: location.file, line: location.line }),
    quiet,
  };
}

/** For each node the indices of the ends that stand on it. */
function usersOf(ends: readonly End[]): ReadonlyMap<Node<unknown>, readonly number[]> {
  const users = new Map<Node<unknown>, number[]>();
  for (const [at, { node }] of ends.entries()) {
    for (const one of reachable([node])) {
      const own = users.get(one) ?? [];
      users.set(one, own);
      own.push(at);
    }
  }
  return users;
}

/** Why the node would do work; undefined: what it makes is there. */
async function workOf(node: Node<unknown>, context: StepContext): Promise<string | undefined> {
  if (node.foresee !== undefined) return node.foresee(context);
  return looking.has(node.kind) ? undefined : 'it has to be looked at when it runs';
}
