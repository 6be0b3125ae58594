import type { BuildPlan, PlannedStep } from '@onebuild/engine';

/** A plan as it is drawn: steps in chains, chains that are alike drawn once. */
export interface PlanView {
  readonly plan: BuildPlan;
  readonly blocks: readonly PlanBlock[];
  /** The number that a step is drawn with, from 1; of one that is not drawn, that of the step which stands for it. */
  readonly numbers: ReadonlyMap<number, number>;
  /** The highest number. */
  readonly drawn: number;
}

/** Steps one upon the other that the same boxes stand on. */
export interface PlanBlock {
  /** From the base upwards. */
  readonly steps: readonly PlannedStep[];
  /** The step of another block that the first one is put onto. */
  readonly onto: PlannedStep | undefined;
  /** Indices of the boxes that are finished with one of the steps. */
  readonly ends: readonly number[];
  /** Chains of the same shape that this one stands for, itself included. */
  readonly alike: readonly PlanChain[];
}

export interface PlanChain {
  readonly steps: readonly PlannedStep[];
  readonly onto: PlannedStep | undefined;
  readonly ends: readonly number[];
}

/** Kinds that put a layer onto what their first input has. */
const layered = new Set(['exec', 'copy', 'folder', 'files']);
/** So many chains of one shape are drawn one by one, where they are of several targets. */
const mostAlike = 8;

export function isShown(step: PlannedStep): boolean {
  return !step.quiet;
}

/** What a step needs beside that on which it is put. */
export function sideInputs({ kind, inputs }: PlannedStep, plan: BuildPlan): readonly PlannedStep[] {
  const ids = layered.has(kind) ? inputs.slice(1) : inputs;
  return ids.flatMap((id) => plan.steps[id] ?? []).filter(isShown);
}

export function createPlanView(plan: BuildPlan): PlanView {
  const chains = listChains(plan);
  const blocks = joinAlike(plan, chains);
  const numbers = new Map<number, number>();
  let count = 0;
  for (const block of blocks) {
    for (const [at, { id }] of block.steps.entries()) {
      numbers.set(id, ++count);
      for (const { steps } of block.alike) {
        const other = steps[at];
        if (other !== undefined) numbers.set(other.id, count);
      }
    }
  }
  return { plan, blocks, numbers, drawn: count };
}

/** In the order in which they are finished: what a chain needs comes before it. */
function listChains(plan: BuildPlan): readonly PlanChain[] {
  const ends = Map.groupBy(plan.boxes.keys(), (box) => plan.boxes[box]?.step);
  const shown = plan.steps.filter(isShown);
  const below = new Map(shown.map((step) => [step, shownBelow(step, plan)]));
  const above = Map.groupBy(shown, (step) => below.get(step));
  /** What alone goes on with a step, for the same boxes. */
  const next = (step: PlannedStep): PlannedStep | undefined => {
    const [first, ...more] = (above.get(step) ?? []).filter((other) => sameBoxes(step, other));
    return more.length === 0 ? first : undefined;
  };
  const chains: PlanChain[] = [];
  for (const first of shown) {
    const onto = below.get(first);
    if (onto !== undefined && next(onto) === first) continue;
    const steps: PlannedStep[] = [];
    for (let step: PlannedStep | undefined = first; step !== undefined; step = next(step)) steps.push(step);
    chains.push({ steps, onto, ends: steps.flatMap(({ id }) => ends.get(id) ?? []) });
  }
  return chains.sort((a, b) => lastId(a) - lastId(b));
}

function lastId({ steps }: PlanChain): number {
  return steps.at(-1)?.id ?? 0;
}

function sameBoxes(a: PlannedStep, b: PlannedStep): boolean {
  return a.boxes.length === b.boxes.length && a.boxes.every((box, at) => box === b.boxes[at]);
}

/** The nearest step that is shown on which this one is put. */
function shownBelow({ kind, inputs }: PlannedStep, plan: BuildPlan): PlannedStep | undefined {
  if (!layered.has(kind)) return undefined;
  let below = plan.steps[inputs[0] ?? -1];
  while (below !== undefined && !isShown(below)) {
    if (!layered.has(below.kind)) return undefined;
    below = plan.steps[below.inputs[0] ?? -1];
  }
  return below !== undefined && (layered.has(below.kind) || below.kind === 'image') ? below : undefined;
}

function targetsOf({ steps }: PlanChain): string {
  return JSON.stringify(steps[0]?.targets);
}

function joinAlike(plan: BuildPlan, chains: readonly PlanChain[]): readonly PlanBlock[] {
  const shapes = new Map<string, PlanChain[]>();
  /** Where in which shape a step is. */
  const places = new Map<number, string>();
  const shapeNumbers = new Map<string, number>();
  for (const chain of chains) {
    const place = (step: PlannedStep | undefined) => (step === undefined ? '' : (places.get(step.id) ?? ''));
    const shape = JSON.stringify([
      chain.ends.length > 0 || chain.steps.at(-1)?.stage,
      place(chain.onto),
      ...chain.steps.map((step) => [
        step.kind,
        step.status,
        step.kind === 'image' ? '' : step.name,
        sideInputs(step, plan).map(place),
      ]),
    ]);
    const number = shapeNumbers.get(shape) ?? shapeNumbers.size;
    shapeNumbers.set(shape, number);
    for (const [at, { id }] of chain.steps.entries()) places.set(id, `${number}:${at}`);
    const same = shapes.get(shape) ?? [];
    shapes.set(shape, same);
    same.push(chain);
  }
  const hidden = new Set<PlanChain>();
  const standsFor = new Map<PlanChain, readonly PlanChain[]>();
  for (const shape of shapes.values()) {
    // of few, those of one target for several platforms
    const groups = shape.length > mostAlike ? [shape] : Map.groupBy(shape, targetsOf).values();
    for (const same of groups) {
      const [first, ...others] = same;
      if (first !== undefined) standsFor.set(first, same);
      for (const chain of others) hidden.add(chain);
    }
  }
  return chains
    .filter((chain) => !hidden.has(chain))
    .map((chain): PlanBlock => {
      const alike = standsFor.get(chain) ?? [chain];
      return { ...chain, alike, ends: alike.flatMap(({ ends }) => ends) };
    });
}
