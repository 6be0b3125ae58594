import type { BuildAllOptions } from '../build-options.ts';
import { inputsFirst, reachable } from '../graph/graph.ts';
import type { Node, StepContext } from '../graph/node.ts';
import { createScheduler } from '../graph/scheduler.ts';
import { openStore } from '../store/store.ts';
import { redactFact } from './redact-fact.ts';
import { prepareGraph } from './run-build.ts';

/** What a build would do, without doing it. */
export interface BuildPlan {
  /** Each after those that it stands on. */
  readonly steps: readonly PlannedStep[];
}

export interface PlannedStep {
  readonly id: number;
  /** `exec`, `copy`, `folder`, `image`, `context`, ... */
  readonly kind: string;
  readonly name: string;
  readonly stage?: string;
  readonly platform?: string;
  /** Names of all targets that stand on it: more than one, and it is shared. */
  readonly targets: readonly string[];
  /** Ids of the steps that it stands on. */
  readonly inputs: readonly number[];
  /** Not a step that a Dockerfile names. */
  readonly quiet: boolean;
  /** `cached`: its result is there. `run`: it has work. `open`: that shows when what it stands on has run. */
  readonly status: 'cached' | 'run' | 'open';
  readonly why?: string;
}

/** Kinds whose nodes only look: running them is foreseeing them. */
const looking = new Set(['image', 'context', 'scratch', 'inline']);

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
    const { targets, states } = await prepareGraph(options, { store, scheduler, emit });
    const ends = states.map((own) => own.map((state): Node<unknown> => state.snapshot));
    const users = new Map<Node<unknown>, string[]>();
    for (const [at, own] of ends.entries()) {
      for (const node of reachable(own)) {
        const names = users.get(node) ?? [];
        users.set(node, names);
        names.push(targets[at]?.name ?? '');
      }
    }
    return { steps: await foresee(ends.flat(), { users, signal }) };
  } finally {
    await store.close();
  }
}

async function foresee(
  ends: readonly Node<unknown>[],
  {
    users,
    signal,
  }: { readonly users: ReadonlyMap<Node<unknown>, readonly string[]>; readonly signal: AbortSignal },
): Promise<readonly PlannedStep[]> {
  const values = new Map<Node<unknown>, unknown>();
  const ids = new Map<Node<unknown>, number>();
  const steps: PlannedStep[] = [];
  const context: StepContext = {
    signal,
    result: <T>(node: Node<T>) => values.get(node) as T,
    output: () => {},
    progress: () => {},
    waits: () => {},
    finished: () => {},
  };
  const order = new Set(ends.flatMap((end) => inputsFirst(end, (node) => ids.has(node))));
  for (const node of order) {
    signal.throwIfAborted();
    ids.set(node, steps.length);
    const isKnown = node.inputs.every((input) => values.has(input));
    const why = isKnown ? await workOf(node, context) : undefined;
    if (isKnown && why === undefined) values.set(node, await node.run(context));
    const { name, stage, platform, quiet = false } = node.label;
    steps.push({
      id: steps.length,
      kind: node.kind,
      name,
      ...(stage !== undefined && { stage }),
      ...(platform !== undefined && { platform }),
      targets: users.get(node) ?? [],
      inputs: node.inputs.flatMap((input) => ids.get(input) ?? []),
      quiet,
      status: !isKnown ? 'open' : why === undefined ? 'cached' : 'run',
      ...(why !== undefined && { why }),
    });
  }
  return steps;
}

/** Why the node would do work; undefined: what it makes is there. */
async function workOf(node: Node<unknown>, context: StepContext): Promise<string | undefined> {
  if (node.foresee !== undefined) return node.foresee(context);
  return looking.has(node.kind) ? undefined : 'it has to be looked at when it runs';
}
