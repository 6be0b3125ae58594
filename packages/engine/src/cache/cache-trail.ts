import type { Node } from '../graph/node.ts';
import type { Layer } from '../stack/layer.ts';
import type { ResultRecord } from './cache-record.ts';

/** What a step of this build made, or was found to have made before. */
export interface StepTrace {
  readonly kind: ResultRecord['kind'];
  /** Its content key. */
  readonly key: string;
  /** undefined: nothing changed. */
  readonly layer: Layer | undefined;
  /** Milliseconds that it took where it ran; undefined: not known. */
  readonly ms?: number | undefined;
  /** Name of the cache that knew it; undefined: it was made here. */
  readonly from?: string | undefined;
  /** Whether the command ran in this build. */
  readonly ran?: boolean;
}

/** What the steps of a build made, for who writes caches. */
export interface CacheTrail {
  note(node: Node<unknown>, trace: StepTrace): void;
  of(node: Node<unknown>): StepTrace | undefined;
}

export function createCacheTrail(): CacheTrail {
  const traces = new Map<Node<unknown>, StepTrace>();
  return {
    note: (node, trace) => void traces.set(node, trace),
    of: (node) => traces.get(node),
  };
}
