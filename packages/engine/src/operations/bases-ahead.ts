import type { Digest } from '@onebuild/core';
import type { Node } from '../graph/node.ts';
import type { BaseBlob } from '../stack/layer.ts';
import type { LayerPool } from '../stack/layer-pool.ts';
import { baseOf } from './image-operation.ts';

/**
 * Unpacks the bases of RUN steps while a RUN that they stand on runs: one layer at a time, for the step that runs is to have the machine.
 * Bases of steps that may have a cached result stay where they are.
 */
export interface BasesAhead {
  /** All nodes of the build. */
  know(nodes: Iterable<Node<unknown>>): void;
  /** A RUN has no cached result and begins: those that stand on it will most likely run, too. */
  begun(operation: Digest): void;
  /** Begins no further layer; `signal` breaks off the one that is in work. */
  leave(): void;
  /** Resolves when nothing is in work. Failures are told to those who need the layer, when they come. */
  ended(): Promise<void>;
}

export function createBasesAhead(pool: Pick<LayerPool, 'base'>, signal: AbortSignal): BasesAhead {
  const users = new Map<Digest, Node<unknown>[]>();
  const found = new Set<Node<unknown>>();
  const waiting: BaseBlob[] = [];
  let working: Promise<void> | undefined;

  async function work(): Promise<void> {
    for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
      if (signal.aborted) return;
      await pool
        .base(blob)
        .directory()
        .catch(() => undefined);
    }
    working = undefined;
  }

  return {
    know(nodes) {
      for (const node of nodes) {
        for (const { key } of node.inputs) {
          const known = users.get(key);
          if (known === undefined) users.set(key, [node]);
          else known.push(node);
        }
      }
    },
    begun(operation) {
      // those that stand on one that was found before were found with it; a set goes on to what is added on the way
      const anew = new Set(users.get(operation)?.filter((node) => !found.has(node)));
      for (const node of anew) {
        found.add(node);
        if (node.kind === 'exec') {
          for (const input of node.inputs) waiting.push(...(baseOf(input)?.layers ?? []));
        }
        for (const user of users.get(node.key) ?? []) if (!found.has(user)) anew.add(user);
      }
      working ??= work();
    },
    leave: () => void waiting.splice(0),
    ended: async () => working,
  };
}
