import { digestOf } from '@onebuild/oci';
import { canonicalText } from './canonical-text.ts';
import type { Node, NodeSpec, StepLabel } from './node.ts';

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The operations of one build; asking for the same operation twice gives the same node. */
export class Graph {
  readonly #nodes = new Map<string, Writable<Node<unknown>>>();

  node<T>(spec: NodeSpec<T>): Node<T> {
    const key = digestOf(canonicalText([spec.kind, spec.parameters, spec.inputs.map((input) => input.key)]));
    const known = this.#nodes.get(key);
    if (known !== undefined) {
      known.label = commonLabel(known.label, spec.label);
      return known as Node<T>;
    }
    const node: Writable<Node<T>> = {
      key,
      kind: spec.kind,
      inputs: spec.inputs,
      label: spec.label,
      heavy: spec.heavy ?? false,
      run: (context) => spec.run(context),
      ...(spec.foresee && { foresee: spec.foresee }),
    };
    this.#nodes.set(key, node);
    return node;
  }
}

/** What several targets or platforms stand on belongs to none of them. */
function commonLabel(known: StepLabel, other: StepLabel): StepLabel {
  const { target, platform, crossTo, ...label } = known;
  return {
    ...label,
    ...(target !== undefined && target === other.target && { target }),
    ...(platform !== undefined && platform === other.platform && { platform }),
    ...(crossTo !== undefined && crossTo === other.crossTo && { crossTo }),
  };
}

/** All nodes that `targets` need, themselves included. */
export function reachable(targets: readonly Node<unknown>[]): ReadonlySet<Node<unknown>> {
  const found = new Set<Node<unknown>>();
  const open = [...targets];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (found.has(node)) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  return found;
}

/** The node and all it stands on but what is `known`, inputs before what needs them; without recursion, for chains may be long. */
export function inputsFirst(
  node: Node<unknown>,
  known: (node: Node<unknown>) => boolean,
): readonly Node<unknown>[] {
  const order = new Set<Node<unknown>>();
  const pending = [{ node, ready: false }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (known(next.node) || order.has(next.node)) continue;
    if (next.ready) {
      order.add(next.node);
      continue;
    }
    pending.push({ node: next.node, ready: true });
    for (const input of next.node.inputs.toReversed()) pending.push({ node: input, ready: false });
  }
  return [...order];
}
