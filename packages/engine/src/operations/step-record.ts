import type { Node, StepContext, StepLabel } from '../graph/node.ts';
import type { Snapshot } from '../stack/layer.ts';
import type { OperationServices } from './operation-services.ts';
import { countDifferences, describeDifference, type ExplainPart } from './step-difference.ts';
import { keepSight, placeOf, readPlace, readSights, type StepPlace, wasSeen } from './step-history.ts';
import { layerNames, type StepPart } from './step-parts.ts';

/** What a step looks at now: its content key, and its parts in the order in which they are worth naming. */
export interface StepSight {
  readonly key: string;
  /** Worked out only where the key was not seen at this place. */
  parts(): Promise<readonly StepPart[]>;
  readonly explain?: ExplainPart;
}

export interface StepChange {
  /** In words, what differs from the closest earlier result here; undefined: nothing, or nothing was built here before. */
  readonly why: string | undefined;
  /** Nothing of this context was built here before this build. */
  readonly isFirst: boolean;
  /** To be called when the result is there. `ms`: how long it ran, where it did. */
  keep(ms?: number): Promise<void>;
}

/** Why steps of this build see something else than at any time before. */
const reasons = new WeakMap<Node<unknown>, string>();

/** Contexts of which a build knew something when it began. */
const seenOrigins = new WeakMap<OperationServices, Map<string, boolean>>();

/** Compares what a step looks at with the results that were made at its place. */
export async function compareStep(
  services: OperationServices,
  node: Node<unknown>,
  sight: StepSight,
): Promise<StepChange> {
  const { db } = services.store;
  const { key } = sight;
  const place = placeOf(node.label);
  if (place === undefined) return { why: undefined, isFirst: false, keep: async () => {} };
  const isFirst = !knewOrigin(services, place);
  const own = readPlace(db, place.own)?.keys ?? [];
  if (own.includes(key)) {
    const keep = async (ms?: number): Promise<void> => {
      if (ms !== undefined) await keepSight(db, place, { key, ms, parts: () => sight.parts() });
    };
    return { why: undefined, isFirst, keep };
  }
  const shared = readPlace(db, place.shared)?.keys ?? [];
  let seen: Promise<readonly StepPart[]> | undefined;
  const parts = (): Promise<readonly StepPart[]> => {
    seen ??= sight.parts();
    return seen;
  };
  const keep = (ms?: number): Promise<void> => keepSight(db, place, { key, ms, parts });
  if (shared.includes(key) || isFirst) return { why: undefined, isFirst, keep };
  // own results first, for equally close ones
  const earlier = [...readSights(db, own), ...readSights(db, shared)];
  const why = earlier.length === 0 ? newStep(services, place) : difference(earlier, await parts(), sight);
  reasons.set(node, why);
  return { why, isFirst, keep };
}

/** Milliseconds that a step at this place took when it ran last; undefined: not known. */
export function lastDuration({ store }: OperationServices, label: StepLabel): number | undefined {
  const place = placeOf(label);
  if (place === undefined) return undefined;
  return readPlace(store.db, place.own)?.ms ?? readPlace(store.db, place.shared)?.ms;
}

/** Whether nothing of the step's context was built here before this build. */
export function isFirstBuild(services: OperationServices, label: StepLabel): boolean {
  const place = placeOf(label);
  return place !== undefined && !knewOrigin(services, place);
}

function knewOrigin(services: OperationServices, { origin }: StepPlace): boolean {
  let known = seenOrigins.get(services);
  if (known === undefined) {
    known = new Map();
    seenOrigins.set(services, known);
  }
  const seen = known.get(origin) ?? wasSeen(services.store.db, origin);
  known.set(origin, seen);
  return seen;
}

function newStep({ store }: OperationServices, { spot }: StepPlace): string {
  return wasSeen(store.db, spot) ? 'the instruction changed' : 'it was never built here';
}

function difference(
  earlier: readonly (readonly StepPart[])[],
  parts: readonly StepPart[],
  { explain }: StepSight,
): string {
  let closest: readonly StepPart[] = [];
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of earlier) {
    const count = countDifferences(candidate, parts);
    if (count < least) [closest, least] = [candidate, count];
  }
  return describeDifference(closest, parts, explain);
}

/** Kinds that put a layer onto what their first input has. */
const layered = new Set(['exec', 'copy', 'folder']);

/**
 * In words, which step under `top` (itself included) made something else than what stood there.
 * @param before - names of the layers as they were, as in the part of a step
 */
export function changedUnder(
  top: Node<Snapshot>,
  before: string,
  context: Pick<StepContext, 'result'>,
): string {
  const old = before.split(' ');
  const now = layerNames(context.result(top));
  const at = now.findIndex((name, index) => name !== old[index]);
  if (at < 0) return 'a step before it is gone';
  let node: Node<unknown> = top;
  for (let below = node.inputs[0]; below !== undefined && layered.has(node.kind); below = node.inputs[0]) {
    if (context.result(below as Node<Snapshot>).layers.length <= at) break;
    node = below;
  }
  const title = node.label.name.split('\n', 1)[0]?.slice(0, 100);
  return `${title}: ${reasons.get(node) ?? 'made something else than before'}`;
}
